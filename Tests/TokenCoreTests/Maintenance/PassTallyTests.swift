import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct PassTallyTests {
    private static let verdicts: [Verdict] = [
        .transient, .throttled, .reauthRequired, .consentRequired, .rejected,
    ]

    private static func connection(_ verdict: Verdict?, _ number: Int64 = 1) -> Connection {
        Connection(
            id: ConnectionID(userID: .integer(number), provider: "microsoft"), rowID: number,
            refreshToken: Secret("t"), expiresAt: ManualClock.noon,
            failure: verdict.map {
                StandingFailure(
                    verdict: $0, since: ManualClock.noon - 3600, count: 2, nextAttemptAt: nil,
                    refusal: Refusal(message: "before"))
            })
    }

    @Test(arguments: 1...20)
    func `whatever is counted, the sums hold`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var tally = PassTally()
        let due = Int.random(in: 0...500, using: &random)
        let malformed = Int.random(in: 0...20, using: &random)
        for number in 0..<due {
            let before = Self.verdicts.randomElement(using: &random)
            let connection = Self.connection(
                Bool.random(using: &random) ? before : nil, Int64(number))
            let verdict = Self.verdicts.randomElement(using: &random) ?? .transient
            let outcomes: [Settlement.Outcome] = [
                .refreshed, .raced, .failed(verdict, .nonsense), .configuration(.wrongSecret),
                .unstored(StoreError("disk full")), .deferred, .notAttempted,
            ]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: tally.paused()
            case 1: tally.suspended(ConnectionID(userID: .integer(9), provider: "microsoft"))
            case 2:
                if let failure = connection.failure {
                    tally.standing(connection, failure)
                } else {
                    tally.paused()
                }
            default:
                let outcome = try #require(outcomes.randomElement(using: &random))
                tally.count(
                    Settlement(connection: connection, outcome: outcome), at: ManualClock.noon)
            }
        }
        for number in 0..<malformed {
            tally.malformed(ConnectionID(userID: .integer(Int64(number)), provider: "microsoft"))
        }
        var counts = tally.counts
        #expect(counts.due == due)
        #expect(counts.malformed == malformed)
        counts.noRefreshToken = 7
        counts.connections = due + malformed + 7 + 11
        #expect(counts.fresh == 11)
    }

    @Test(arguments: [Verdict.reauthRequired, .consentRequired])
    func `an attempt that says nothing leaves a condemned connection where it stands`(
        verdict: Verdict
    ) {
        let outcomes: [Settlement.Outcome] = [
            .failed(.transient, .noAnswer), .failed(.throttled, .throttled(nil)),
            .configuration(.wrongSecret), .unstored(StoreError("disk full")), .deferred,
            .notAttempted,
        ]
        for outcome in outcomes {
            var tally = PassTally()
            tally.count(
                Settlement(connection: Self.connection(verdict), outcome: outcome),
                at: ManualClock.noon)
            #expect(tally.counts.reauthRequired + tally.counts.consentRequired == 1)
            #expect(tally.problems.map(\.cause) == [.verdict(verdict)])
            #expect(tally.problems.first?.since == ManualClock.noon - 3600)
        }
    }

    @Test func `backing off is what stands at T or H alone`() {
        let expected: [(Verdict, WritableKeyPath<PassCounts, Int>)] = [
            (.transient, \.backingOff), (.throttled, \.backingOff), (.rejected, \.rejected),
            (.reauthRequired, \.reauthRequired), (.consentRequired, \.consentRequired),
        ]
        for (verdict, count) in expected {
            var tally = PassTally()
            let connection = Self.connection(verdict)
            if let failure = connection.failure { tally.standing(connection, failure) }
            #expect(tally.counts[keyPath: count] == 1)
            #expect(tally.counts.due == 1)
        }
    }

    @Test func `a refusal by one tenant is its admin's`() {
        var tally = PassTally()
        tally.count(
            Settlement(
                connection: Self.connection(nil), outcome: .failed(.consentRequired, .wrongSecret)),
            at: ManualClock.noon)
        #expect(tally.problems.map(\.who) == [.tenantAdmin])
    }

    @Test func `the same verdict goes on and another begins anew`() {
        for (verdict, since) in [(Verdict.transient, -3600.0), (.rejected, 0)] {
            var tally = PassTally()
            tally.count(
                Settlement(
                    connection: Self.connection(.transient), outcome: .failed(verdict, .nonsense)),
                at: ManualClock.noon)
            #expect(tally.problems.first?.since == ManualClock.noon + since)
        }
    }
}
