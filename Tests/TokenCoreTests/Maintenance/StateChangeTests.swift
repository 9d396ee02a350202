/// Each change is told once, by the pass that sees it.

import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct StateChangeTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    private func changes(
        _ http: ScriptedHTTPClient, _ options: PassFixture.Options = .init()
    ) async throws -> [String] {
        try await fixture.run(http, options).changes.map { change in
            let user = change.problem.userID.map { "\($0) " } ?? ""
            return "\(user)\(change.kind) \(change.problem.cause.name)"
        }
    }

    private func signIn(_ user: Int) throws {
        try database.session().query(
            "UPDATE oauth_tokens SET refresh_token = ?1 WHERE user_id = ?2", "\(user).100",
            String(user))
    }

    @Test func `a healthy pass has nothing to tell`() async throws {
        try fixture.enrolDue(1...3)
        #expect(try await changes(.microsoft()) == [])
    }

    @Test func `a condemned connection is told once`() async throws {
        try fixture.enrolDue(1...3)
        let http = ScriptedHTTPClient.microsoft { $0.user == 2 ? .signInAgain : nil }
        #expect(try await changes(http) == ["2 began reauth_required"])
        fixture.clock.advance(by: .seconds(900))
        #expect(try await changes(http) == [])
        fixture.clock.advance(by: .seconds(90_000))
        #expect(try await changes(http) == [])
    }

    @Test func `another verdict is another change`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .signInAgain })
        fixture.clock.advance(by: .seconds(90_000))
        #expect(
            try await changes(.microsoft { _ in .consentMissing }) == ["1 began consent_required"])
    }

    @Test func `a condemned connection that works again has recovered`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .signInAgain })
        fixture.clock.advance(by: .seconds(90_000))
        let report = try await fixture.run(.microsoft())
        #expect(report.changes.map(\.kind) == [.ended])
        #expect(report.changes.first?.problem.since == ManualClock.noon)
        #expect(try await changes(.microsoft()) == [])
    }

    @Test func `signing in again is seen as a recovery`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .badToken })
        try signIn(1)
        fixture.clock.advance(by: .seconds(900))
        #expect(try await changes(.microsoft()) == ["1 ended reauth_required"])
        fixture.clock.advance(by: .seconds(3600))
        #expect(try await changes(.microsoft()) == [])
    }

    @Test func `mending the configuration is seen as a recovery`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .consentMissing })
        fixture.clock.advance(by: .seconds(900))
        var options = PassFixture.Options()
        options.clientID = "another"
        #expect(try await changes(.microsoft(), options) == ["1 ended consent_required"])
    }

    @Test func `a recovery is not lost to an outage`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .badToken })
        try signIn(1)
        fixture.clock.advance(by: .seconds(900))
        #expect(try await changes(.microsoft { _ in .noAnswer }) == ["1 ended reauth_required"])
        fixture.clock.advance(by: .seconds(900))
        #expect(try await changes(.microsoft()) == [])
    }

    @Test func `an outage changes nothing`() async throws {
        try fixture.enrolDue(1...2)
        _ = try await changes(.microsoft { $0.user == 1 ? .signInAgain : nil })
        fixture.clock.advance(by: .seconds(90_000))
        #expect(try await changes(.microsoft { _ in .noAnswer }) == [])
    }

    @Test func `a refused application is told once, and that it is accepted again`() async throws {
        try fixture.enrolDue(1...5)
        let refusing = ScriptedHTTPClient.microsoft { _ in .wrongSecret }
        #expect(try await changes(refusing) == ["began configuration"])
        fixture.clock.advance(by: .seconds(900))
        let again = try await fixture.run(refusing)
        #expect(again.changes.isEmpty)
        #expect(again.problems.first?.since == ManualClock.noon)
        #expect(try await changes(.microsoft()) == ["ended configuration"])
        fixture.clock.advance(by: .seconds(3600))
        #expect(try await changes(.microsoft()) == [])
    }

    @Test func `an incident is told once, and that it is over`() async throws {
        try fixture.enrolDue(1...50)
        try await fixture.run(.microsoft())
        fixture.clock.advance(by: .seconds(3000))
        let refusing = ScriptedHTTPClient.microsoft { ($0.user ?? 0) <= 25 ? .badToken : nil }
        #expect(try await changes(refusing) == ["began incident"])
        fixture.clock.advance(by: .seconds(900))
        #expect(try await changes(refusing) == [])
        #expect(try await changes(.microsoft()) == ["ended incident"])
    }

    @Test func `an incident that lasts ends in verdicts`() async throws {
        try fixture.enrolDue(1...50)
        try await fixture.run(.microsoft())
        fixture.clock.advance(by: .seconds(3000))
        let refusing = ScriptedHTTPClient.microsoft { ($0.user ?? 0) <= 25 ? .badToken : nil }
        _ = try await changes(refusing)
        fixture.clock.advance(by: .seconds(3601))
        let told = try await changes(refusing)
        #expect(told.count == 25)
        #expect(told.allSatisfy { $0.hasSuffix("began reauth_required") })
    }

    @Test func `refreshes are counted by what they came to`() async throws {
        try fixture.enrolDue(1...6)
        let report = try await fixture.run(
            .microsoft { request in
                switch request.user {
                case 2: .signInAgain
                case 3: .noAnswer
                default: nil
                }
            })
        #expect(report.refreshes == [.refreshed: 4, .reauthRequired: 1, .transient: 1])
        fixture.clock.advance(by: .seconds(900))
        let next = try await fixture.run(.microsoft())
        #expect(next.refreshes == [.refreshed: 1])
        #expect(next.counts.reauthRequired == 1)
    }

    @Test func `a refresh that a test of the API causes is counted and heals`() async throws {
        try fixture.enrolDue(1...1)
        _ = try await changes(.microsoft { _ in .badToken })
        try signIn(1)
        try database.session().query(
            "UPDATE oauth_tokens SET expires_at = ?1", ApplicationDatabase.text(fixture.now + 7200))
        var options = PassFixture.Options()
        options.probes = true
        let report = try await fixture.run(
            .microsoft { request in
                let isStale = request.headers["authorization"] == "Bearer access-1.0"
                return request.isProbe && isStale ? .text(401, "") : nil
            }, options)
        #expect(report.apiTest.ok == 1)
        #expect(report.refreshes == [.refreshed: 1])
        #expect(report.changes.map(\.kind) == [.ended])
    }
}
