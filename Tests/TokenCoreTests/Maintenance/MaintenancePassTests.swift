import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct MaintenancePassTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    // MARK: Refreshed

    @Test func `what is due is refreshed and what is fresh is left alone`() async throws {
        try fixture.enrolDue(1...20)
        try database.enrol(21...30, expiresAt: fixture.now + 7200)
        try database.enrol(31, expiresAt: fixture.now, refreshToken: nil)
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http)

        #expect(http.requests.count == 20)
        #expect(report.counts.refreshed == 20)
        #expect(report.counts.connections == 31)
        #expect(report.counts.fresh == 10)
        #expect(report.counts.noRefreshToken == 1)
        #expect(report.problems.isEmpty)
        #expect(ExitStatus(report) == .ok)
        let expiry = ApplicationDatabase.text(fixture.now + 3600)
        #expect(
            try database.row(7)
                == .init(accessToken: "access-7.1", refreshToken: "7.1", expiresAt: expiry))
        #expect(try database.row(21)?.refreshToken == "21.0")
        #expect(!database.directory.exists(fixture.spoolName))
    }

    @Test func `nothing due sends and reserves nothing`() async throws {
        try database.enrol(1...3, expiresAt: fixture.now + 7200)
        let report = try await fixture.run(ScriptedHTTPClient())
        #expect(report.counts.due == 0)
        #expect(try database.value("SELECT count(*) FROM maintain_teams_passes") == "0")
        #expect(!database.directory.exists(fixture.spoolName))
    }

    @Test func `tokens that live shorter than the lead are refreshed once a pass`() async throws {
        // Yesterday's rows and today's lie in two ranges, and more than one page is due.
        try database.enrol(1...100, expiresAt: fixture.now - 86_400)
        try database.enrol(101...1300, expiresAt: fixture.now + 60)
        let http = ScriptedHTTPClient.microsoft { .refreshed($0, expiresIn: 600) }
        let report = try await fixture.run(http)
        #expect(http.requests.count == 1300)
        #expect(report.counts.refreshed == 1300)
        #expect(report.counts.connections == 1300)
    }

    @Test func `an answer without a refresh token keeps the old one`() async throws {
        try fixture.enrolDue(1...1)
        let report = try await fixture.run(
            ScriptedHTTPClient(.text(200, #"{"access_token":"new","expires_in":"3599.9"}"#)))
        #expect(report.counts.refreshed == 1)
        #expect(
            try database.row(1)
                == .init(
                    accessToken: "new", refreshToken: "1.0",
                    expiresAt: ApplicationDatabase.text(fixture.now + 3599)))
    }

    @Test(arguments: [
        "", "{", "<html>", "[]", #"{"expires_in":3600}"#, #"{"access_token":"x"}"#,
        #"{"access_token":"","expires_in":3600}"#, #"{"access_token":"x","expires_in":0}"#,
        #"{"access_token":"x","expires_in":-1}"#, #"{"access_token":"x\n","expires_in":3600}"#,
    ])
    func `a success that can't be read changes nothing`(body: String) async throws {
        try fixture.enrolDue(1...1)
        let before = try database.row(1)
        let http = ScriptedHTTPClient(answering: { _ in .text(200, body) })
        let report = try await fixture.run(http)
        #expect(http.requests.count == 3)
        #expect(report.counts.transient == 1)
        #expect(try database.row(1) == before)
        #expect(try Spool.leftovers(at: fixture.spoolPath).isEmpty)
    }

    @Test func `the expiry counts from before the request`() async throws {
        try fixture.enrolDue(1...1)
        let start = fixture.now
        let clock = fixture.clock
        try await fixture.run(
            .microsoft { _ in
                clock.advance(by: .seconds(25))
                return nil
            })
        #expect(try database.row(1)?.expiresAt == ApplicationDatabase.text(start + 3600))
    }

    // MARK: Raced

    @Test func `a row that was changed during the request keeps what it became`() async throws {
        try fixture.enrolDue(1...2)
        let database = database
        let report = try await fixture.run(
            .microsoft { request in
                if request.user == 1 {
                    try? database.session().execute(
                        """
                        UPDATE oauth_tokens SET refresh_token = 'theirs', access_token = 'theirs'
                        WHERE user_id = 1
                        """)
                }
                return nil
            })
        #expect(report.counts.raced == 1)
        #expect(report.counts.refreshed == 1)
        #expect(try database.row(1)?.refreshToken == "theirs")
        #expect(try database.row(1)?.accessToken == "theirs")
        #expect(ExitStatus(report) == .ok)
    }

    @Test func `a row that was deleted during the request stays deleted`() async throws {
        try fixture.enrolDue(1...1)
        let database = database
        let report = try await fixture.run(
            .microsoft { _ in
                try? database.session().execute("DELETE FROM oauth_tokens")
                return nil
            })
        #expect(report.counts.raced == 1)
        #expect(try database.value("SELECT count(*) FROM oauth_tokens") == "0")
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == "0")
    }

    @Test func `a refusal of a token that was replaced meanwhile blames nobody`() async throws {
        try fixture.enrolDue(1...1)
        let database = database
        let http = ScriptedHTTPClient.microsoft { _ in
            try? database.session().execute("UPDATE oauth_tokens SET refresh_token = 'theirs'")
            return .signInAgain
        }
        let report = try await fixture.run(http)
        #expect(http.requests.count == 1)
        #expect(report.counts.raced == 1)
        #expect(report.problems.isEmpty)
    }

    // MARK: A person is needed

    @Test func `a user is marked after a second opinion and asked again a day later`() async throws
    {
        try fixture.enrolDue(1...3)
        let http = ScriptedHTTPClient.microsoft { $0.user == 2 ? .signInAgain : nil }
        let first = try await fixture.run(http)
        #expect(http.redemptions(of: 2) == 2)
        #expect(http.requests.last?.user == 2)
        #expect(first.counts.reauthRequired == 1)
        #expect(ExitStatus(first) == .reauth)
        let problem = try #require(first.problems.first)
        #expect(problem.userID == .integer(2))
        #expect(problem.who == .user)
        #expect(problem.refusal.codes == [50173])
        #expect(problem.since == fixture.now)

        // The same day: said again, not tried again.
        fixture.clock.advance(by: .seconds(3600 * 23))
        let second = try await fixture.run(http)
        #expect(http.redemptions(of: 2) == 2)
        #expect(second.counts.reauthRequired == 1)
        #expect(ExitStatus(second) == .reauth)
        #expect(second.problems.first?.since == problem.since)
        #expect(try database.row(2)?.refreshToken == "2.0")

        fixture.clock.advance(by: .seconds(3600 * 2))
        let third = try await fixture.run(http)
        #expect(http.redemptions(of: 2) == 4)
        #expect(third.counts.reauthRequired == 1)
        #expect(third.problems.first?.since == problem.since)
    }

    @Test func `a user who signed in again starts anew`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .badToken })
        try database.session().execute("UPDATE oauth_tokens SET refresh_token = '1.5'")
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http)
        #expect(http.requests.map(\.user) == [1])
        #expect(report.counts.refreshed == 1)
        #expect(ExitStatus(report) == .ok)
    }

    @Test func `mended configuration voids a verdict`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .badToken })
        var options = PassFixture.Options()
        options.clientID = "another client"
        let report = try await fixture.run(.microsoft(), options)
        #expect(report.counts.refreshed == 1)
    }

    @Test func `a token that can't come back costs one request ever`() async throws {
        try fixture.enrolDue(1...1)
        let http = ScriptedHTTPClient.microsoft { _ in .badToken }
        for _ in 1...3 {
            let report = try await fixture.run(http)
            #expect(report.counts.reauthRequired == 1)
            #expect(ExitStatus(report) == .reauth)
            fixture.clock.advance(by: .seconds(86_400 * 30))
        }
        #expect(http.requests.count == 1)
    }

    @Test func `missing consent is the admin's`() async throws {
        try fixture.enrolDue(1...2)
        let report = try await fixture.run(.microsoft { $0.user == 1 ? .consentMissing : nil })
        #expect(report.counts.consentRequired == 1)
        #expect(report.problems.map(\.who) == [.tenantAdmin])
        #expect(ExitStatus(report) == .reauth)
    }

    @Test func `a condemned connection that gets no answer stays condemned`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .signInAgain })
        fixture.clock.advance(by: .seconds(90_000))
        let report = try await fixture.run(.microsoft { _ in .noAnswer })
        #expect(report.counts.reauthRequired == 1)
        #expect(report.counts.transient == 0)
        let after = try await fixture.run(.microsoft())
        #expect(after.counts.refreshed == 1)
    }

    // MARK: The application

    @Test func `a wrong secret costs three requests and marks nobody`() async throws {
        try fixture.enrolDue(1...500)
        let http = ScriptedHTTPClient.microsoft { _ in .wrongSecret }
        let report = try await fixture.run(http)
        #expect(http.requests.count == 3)
        #expect(report.stop == .application)
        #expect(report.counts.configuration == 3)
        #expect(report.counts.notAttempted == 497)
        #expect(ExitStatus(report) == .config)
        #expect(report.problems.count { $0.who == .applicationOwner } == 1)
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == "0")

        let mended = try await fixture.run(.microsoft())
        #expect(mended.counts.refreshed == 500)
    }

    // MARK: No answer, and asked to wait

    @Test func `no answer is transient and the next pass is free to try`() async throws {
        try fixture.enrolDue(1...3)
        let http = ScriptedHTTPClient.microsoft { $0.user == 2 ? .noAnswer : nil }
        let report = try await fixture.run(http)
        #expect(http.redemptions(of: 2) == 3)
        #expect(report.counts.transient == 1)
        #expect(ExitStatus(report) == .transient)
        #expect(report.problems.map(\.who) == [.network])
        let next = try await fixture.run(.microsoft())
        #expect(next.counts.refreshed == 1)
        #expect(next.counts.connections == 3)
    }

    @Test func `an outage costs few requests and defers the rest`() async throws {
        try fixture.enrolDue(1...300)
        let http = ScriptedHTTPClient.microsoft { _ in .noAnswer }
        let report = try await fixture.run(http)
        #expect(http.requests.count < 120)
        #expect(report.stop == .outage)
        #expect(report.counts.transient + report.counts.deferred == 300)
        #expect(report.counts.deferred > 180)
        let next = try await fixture.run(.microsoft())
        #expect(next.counts.refreshed == 300)
    }

    @Test func `a long pause is obeyed by the next process`() async throws {
        try fixture.enrolDue(1...5)
        let http = ScriptedHTTPClient.microsoft { $0.user == 1 ? .throttled(600) : nil }
        let report = try await fixture.run(http)
        #expect(http.requests.count == 1)
        #expect(report.counts.throttled == 1)
        #expect(report.counts.deferred == 4)
        #expect(ExitStatus(report) == .transient)

        let next = try await fixture.run(ScriptedHTTPClient())
        #expect(next.counts.backingOff == 5)
        #expect(ExitStatus(next) == .transient)
        #expect(next.problems.contains { $0.userID == nil && $0.cause == .verdict(.throttled) })

        fixture.clock.advance(by: .seconds(602))
        let later = try await fixture.run(.microsoft())
        #expect(later.counts.refreshed == 5)
    }

    @Test func `a short pause is waited for`() async throws {
        try fixture.enrolDue(1...5)
        let clock = fixture.clock
        let throttled = Counter()
        let report = try await fixture.run(
            .microsoft { _ in
                throttled.next() == 0 ? .throttled(20) : nil
            })
        #expect(report.counts.refreshed == 5)
        #expect(clock.uptime >= .seconds(20))
        #expect(try database.value("SELECT count(*) FROM maintain_teams_clients") == "0")
    }

    // MARK: Ends

    @Test func `after the budget the rest is deferred`() async throws {
        try fixture.enrolDue(1...100)
        var options = PassFixture.Options()
        options.concurrency = 1
        options.deadline = .seconds(100)
        let clock = fixture.clock
        let report = try await fixture.run(
            .microsoft { _ in
                clock.advance(by: .seconds(30))
                return nil
            }, options)
        #expect(report.stop == .budget)
        #expect(report.counts.refreshed == 4)
        #expect(report.counts.deferred == 96)
        #expect(report.problems.map(\.cause) == [.deferred])
        #expect(ExitStatus(report) == .transient)
    }

    @Test func `those that were deferred come before those that failed`() async throws {
        try fixture.enrolDue(1...4)
        try await fixture.run(.microsoft { $0.user == 1 ? .noAnswer : nil })
        try fixture.enrolDue(5...6)
        fixture.clock.advance(by: .seconds(60))
        var options = PassFixture.Options()
        options.concurrency = 1
        let http = ScriptedHTTPClient.microsoft()
        try await fixture.run(http, options)
        #expect(http.requests.map(\.user) == [5, 6, 1])
    }

    @Test func `a signal ends the pass and loses nothing`() async throws {
        try fixture.enrolDue(1...1000)
        let (signals, sender) = AsyncStream.makeStream(of: Int32.self)
        var options = PassFixture.Options()
        options.concurrency = 2
        options.stopSignal = signals
        let asked = Counter()
        let report = try await fixture.run(
            .microsoft { _ in
                if asked.next() == 10 { sender.yield(15) }
                return nil
            }, options)
        #expect(report.stop == .signal(15))
        #expect(report.counts.refreshed == asked.value)
        #expect(report.counts.deferred == 1000 - asked.value)
        #expect(report.counts.deferred > 0)
        #expect(
            try database.value("SELECT count(*) FROM oauth_tokens WHERE refresh_token LIKE '%.1'")
                == String(asked.value))
        #expect(ExitStatus(report) == .interrupted(15))
    }

    // MARK: Rows that can't be read

    @Test func `one broken row never stops the others`() async throws {
        try fixture.enrolDue(1...5)
        try database.session().execute(
            """
            UPDATE oauth_tokens SET expires_at = '0000-00-00 00:00:00' WHERE user_id = 2;
            UPDATE oauth_tokens SET expires_at = 'soon' WHERE user_id = 3;
            """)
        let report = try await fixture.run(.microsoft())
        #expect(report.counts.refreshed == 3)
        #expect(report.counts.malformed == 2)
        #expect(ExitStatus(report) == .transient)
    }

    // MARK: Named users

    @Test func `a named user is refreshed only when due`() async throws {
        try fixture.enrolDue(1...3)
        try database.enrol(4, expiresAt: fixture.now + 7200)
        var options = PassFixture.Options()
        options.users = ["2", "4"]
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(http.requests.map(\.user) == [2])
        #expect(report.counts.connections == 2)
        #expect(report.counts.fresh == 1)
    }

    @Test func `force takes a named user whether fresh or condemned`() async throws {
        try fixture.enrolDue(1...1)
        try database.enrol(2, expiresAt: fixture.now + 7200)
        try await fixture.run(.microsoft { _ in .badToken })
        var options = PassFixture.Options()
        options.users = ["1", "2"]
        options.force = true
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(report.counts.refreshed == 2)
        #expect(report.counts.due == 2)
    }

    // MARK: Dry run

    @Test func `a dry run says what it would do and changes no byte`() async throws {
        try fixture.enrolDue(1...3)
        try database.enrol(4, expiresAt: fixture.now + 7200)
        let before = database.directory.contents("teams.sqlite3")
        let report = try await fixture.dryRun()
        #expect(report.plan.map(\.id.userID) == [.integer(1), .integer(2), .integer(3)])
        #expect(report.counts.notAttempted == 3)
        #expect(report.counts.fresh == 1)
        #expect(ExitStatus(report) == .ok)
        #expect(database.directory.contents("teams.sqlite3") == before)
        #expect(!database.directory.exists(fixture.spoolName))
        #expect(
            try database.value("SELECT count(*) FROM sqlite_master WHERE name LIKE 'maintain%'")
                == "0")
    }

    @Test func `a dry run knows who is condemned, who backs off and who is fresh`() async throws {
        try fixture.enrolDue(1...3)
        try await fixture.run(.microsoft { $0.user == 1 ? .badToken : nil })
        try fixture.enrolDue(4...4)
        let report = try await fixture.dryRun()
        #expect(report.plan.map(\.id.userID) == [.integer(4)])
        #expect(report.counts.reauthRequired == 1)
        #expect(report.counts.notAttempted == 1)
        #expect(report.counts.fresh == 2)
    }
}
