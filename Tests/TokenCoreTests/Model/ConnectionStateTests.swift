import FoundationEssentials
import Testing

@testable import TokenCore

struct ConnectionStateTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func failure(_ verdict: Verdict, nextIn seconds: Double? = nil)
        -> StandingFailure
    {
        StandingFailure(
            verdict: verdict, since: now, count: 1, nextAttemptAt: seconds.map { now + $0 },
            refusal: Refusal(message: ""))
    }

    private static func state(
        _ expiresIn: Double?, hasRefreshToken: Bool = true, failure: StandingFailure? = nil,
        isReadable: Bool = true
    ) -> ConnectionState {
        ConnectionState(
            isReadable: isReadable, hasRefreshToken: hasRefreshToken,
            expiresAt: expiresIn.map { now + $0 }, failure: failure, margin: .seconds(1800), at: now
        )
    }

    @Test(arguments: [
        (1801.0, ConnectionState.fresh), (1800, .due), (1, .due), (0, .expired), (-1, .expired),
    ])
    func `time alone makes it fresh, due or expired`(seconds: Double, state: ConnectionState) {
        #expect(Self.state(seconds) == state)
    }

    @Test func `a live token does not make a condemned connection fresh`() {
        #expect(Self.state(5000, failure: Self.failure(.reauthRequired)) == .reauthRequired)
        #expect(Self.state(-5, failure: Self.failure(.consentRequired)) == .consentRequired)
    }

    @Test func `only what is due backs off`() {
        #expect(Self.state(60, failure: Self.failure(.throttled, nextIn: 60)) == .backingOff)
        #expect(Self.state(60, failure: Self.failure(.transient)) == .due)
        #expect(Self.state(5000, failure: Self.failure(.rejected, nextIn: 60)) == .fresh)
    }

    @Test func `what can't be read or refreshed is said before anything else`() {
        #expect(Self.state(nil) == .malformed)
        #expect(Self.state(60, isReadable: false) == .malformed)
        #expect(Self.state(60, hasRefreshToken: false) == .noRefreshToken)
        #expect(Self.state(nil, hasRefreshToken: false) == .noRefreshToken)
    }
}
