/// What was received is never lost: a store that fails after the exchange, and the run after it.

import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct PassSpoolTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    /// A pass whose database is locked by another program from the exchange of one user on.
    private func failingPass(at user: Int, _ options: PassFixture.Options = .init()) async throws
        -> (report: PassReport, http: ScriptedHTTPClient)
    {
        let lock = DatabaseLock()
        let path = database.path
        let http = ScriptedHTTPClient.microsoft { request in
            if request.user == user { try? lock.take(path) }
            return nil
        }
        defer { lock.release() }
        return (try await fixture.run(http, options), http)
    }

    @Test func `an answer that can't be stored waits in the spool for the next run`() async throws {
        try fixture.enrolDue(1...20)
        var options = PassFixture.Options()
        options.concurrency = 1
        let (report, http) = try await failingPass(at: 5, options)
        guard case .database = report.stop else {
            Issue.record("stopped by \(String(describing: report.stop))")
            return
        }
        #expect(ExitStatus(report) == .database)
        #expect(http.requests.count == 5)
        #expect(report.counts.refreshed == 4)
        #expect(report.counts.transient == 1)
        #expect(try database.row(5)?.refreshToken == "5.0")
        let left = try Spool.leftovers(at: fixture.spoolPath)
        #expect(left.map(\.connection.userID) == [.integer(5)])

        // Long after: the expiry still counts from the request.
        let requestedAt = fixture.now
        fixture.clock.advance(by: .seconds(300))
        let next = ScriptedHTTPClient.microsoft()
        let second = try await fixture.run(next, options)
        #expect(next.redemptions(of: 5) == 0)
        #expect(second.counts.refreshed == 15)
        #expect(second.warnings.count == 1)
        #expect(
            try database.row(5)
                == .init(
                    accessToken: "access-5.1", refreshToken: "5.1",
                    expiresAt: ApplicationDatabase.text(requestedAt + 3600)))
        #expect(!database.directory.exists(fixture.spoolName))
    }

    @Test func `everything under way when the store fails is kept`() async throws {
        try fixture.enrolDue(1...200)
        let (report, http) = try await failingPass(at: 9)
        #expect(ExitStatus(report) == .database)
        let sent = Set(http.requests.compactMap(\.user))
        let stored = Set(
            try database.session().query(
                "SELECT user_id FROM oauth_tokens WHERE refresh_token LIKE '%.1'"
            ).compactMap { Int($0[0] ?? "") })
        let spooled = Set(
            try Spool.leftovers(at: fixture.spoolPath).compactMap {
                Int($0.connection.userID.description)
            })
        #expect(stored.union(spooled) == sent)
        #expect(stored.isDisjoint(with: spooled))
        // The lock takes hold some commits after it was asked for.
        #expect(http.requests.count < 200)
        let second = try await fixture.run(.microsoft())
        #expect(second.counts.refreshed == 200 - sent.count)
        let complete = "SELECT count(*) FROM oauth_tokens WHERE refresh_token LIKE '%.1'"
        #expect(try database.value(complete) == "200")
    }

    @Test func `a row that has moved on keeps what it became`() async throws {
        try fixture.enrolDue(1...3)
        _ = try await failingPass(at: 1)
        try database.session().execute(
            "UPDATE oauth_tokens SET refresh_token = 'theirs', access_token = 'theirs' WHERE user_id = 1"
        )
        fixture.clock.advance(by: .seconds(60))
        let report = try await fixture.run(.microsoft { $0.user == nil ? .badToken : nil })
        #expect(report.warnings.isEmpty)
        #expect(try database.row(1)?.refreshToken == "theirs")
        #expect(!database.directory.exists(fixture.spoolName))
    }

    @Test func `a spool that can't be stored yet is kept and nothing is spent`() async throws {
        try fixture.enrolDue(1...3)
        _ = try await failingPass(at: 1)
        let lock = DatabaseLock()
        // Taken when the store is open already: the schema exists.
        try lock.take(database.path)
        let http = ScriptedHTTPClient()
        await #expect(throws: StoreError.self) { try await fixture.run(http) }
        lock.release()
        #expect(http.requests.isEmpty)
        #expect(try Spool.leftovers(at: fixture.spoolPath).count == 1)
    }

    @Test func `a named user whose answer waited in the spool is not refreshed twice`() async throws
    {
        try fixture.enrolDue(1...1)
        _ = try await failingPass(at: 1)
        var options = PassFixture.Options()
        options.users = ["1"]
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(http.requests.isEmpty)
        #expect(report.counts.fresh == 1)
        #expect(try database.row(1)?.refreshToken == "1.1")
    }

    /// Its transfer fails, by a last chunk that never comes or a connection that breaks.
    @Test func `tokens that came whole are stored however their transfer ends`() async throws {
        try fixture.enrolDue(1...4)
        let broken = TransportError(kind: .badBody, code: 18, message: "the end is missing")
        let http = ScriptedHTTPClient.microsoft { request in
            guard case .response(let whole) = ScriptedHTTPClient.Answer.refreshed(request)
            else { return nil }
            return switch request.user {
            case 2: .broken(whole, broken)
            case 3: .broken(HTTPResponse(status: 200, body: whole.body.dropLast() + []), broken)
            case 4: .broken(HTTPResponse(status: 500, body: whole.body), broken)
            default: nil
            }
        }
        let report = try await fixture.run(http)
        #expect(report.counts.refreshed == 2)
        #expect(report.counts.transient == 2)
        #expect(try database.row(2)?.refreshToken == "2.1")
        #expect(http.redemptions(of: 2) == 1)
        for user in 3...4 { #expect(try database.row(user)?.refreshToken == "\(user).0") }
        #expect(!database.directory.exists(fixture.spoolName))
    }

    /// What a rule of the table refuses waits in the spool, and a 401 of Graph must not cost it.
    @Test func `the API test spends no token while an answer has no other place than the spool`()
        async throws
    {
        try fixture.enrolDue(1...8)
        try database.enrol(11...18, expiresAt: fixture.now + 7200)
        try database.session().execute(
            """
            CREATE TRIGGER guard BEFORE UPDATE ON oauth_tokens WHEN old.user_id IN (3, 5)
            BEGIN SELECT RAISE(ABORT, 'no'); END
            """)
        var options = PassFixture.Options()
        options.probes = true
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : nil }
        let report = try await fixture.run(http, options)
        #expect(ExitStatus(report) == .database)
        #expect(report.counts.refreshed == 6)
        #expect(report.apiTest.unauthorized > 0)
        #expect(http.redemptions.count == 8)
        let spooled = try Spool.leftovers(at: fixture.spoolPath).map(\.connection.userID)
        #expect(Set(spooled) == [.integer(3), .integer(5)])

        try database.session().execute("DROP TRIGGER guard")
        let next = ScriptedHTTPClient.microsoft()
        let second = try await fixture.run(next)
        #expect(ExitStatus(second) == .ok)
        #expect(next.requests.isEmpty)
        for user in [3, 5] { #expect(try database.row(user)?.refreshToken == "\(user).1") }
    }

    @Test(arguments: [1, 2, 4, 16])
    func `a row that the table refuses stops nobody else`(concurrency: Int) async throws {
        try fixture.enrolDue(1...100)
        try database.session().execute(
            """
            CREATE TRIGGER guard BEFORE UPDATE ON oauth_tokens WHEN old.user_id = 20
            BEGIN SELECT RAISE(ABORT, 'no'); END
            """)
        var options = PassFixture.Options()
        options.concurrency = concurrency
        let report = try await fixture.run(.microsoft(), options)
        // With one slot there is no room for anybody's answer any more.
        #expect(report.counts.refreshed == (concurrency == 1 ? 19 : 99))
        #expect(try Spool.leftovers(at: fixture.spoolPath).count == 1)
    }

    @Test func `a directory that takes no spool spends no token`() async throws {
        try fixture.enrolDue(1...3)
        try FileManager.default.createDirectory(
            atPath: fixture.spoolPath, withIntermediateDirectories: false)
        let http = ScriptedHTTPClient()
        await #expect(throws: StoreError.self) { try await fixture.run(http) }
        #expect(http.requests.isEmpty)
    }
}
