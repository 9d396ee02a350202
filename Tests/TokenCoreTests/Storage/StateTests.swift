import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct StateTests {
    static let now = Date("2026-11-22T12:00:00")

    static let refusal = Refusal(
        error: "invalid_grant", suberror: "bad_token", codes: [50173], status: 400,
        correlationID: "c-1", traceID: "t-1", message: "the grant was revoked")

    static func failure(
        _ verdict: Verdict = .reauthRequired, since: Date = now - 900, count: Int = 2,
        next: Date? = now + 86_400
    ) -> StandingFailure {
        StandingFailure(
            verdict: verdict, since: since, count: count, nextAttemptAt: next, refusal: refusal)
    }

    @Test(arguments: [
        failure(), failure(.consentRequired), failure(.transient, next: now + 60),
        failure(.rejected, count: 1, next: nil), failure(next: .distantFuture),
        failure(.throttled, since: now, count: 1_000_000),
    ])
    func `a failure is read back by the next process`(_ failure: StandingFailure) async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        #expect(connection.failure == nil)
        #expect(try await store.record(failure, for: connection, at: Self.now) == .stored)

        for readOnly in [false, true] {
            let again = try database.store(readOnly: readOnly)
            #expect(try await again.connection("7", at: Self.now)?.failure == failure)
        }
    }

    static let mended: [(what: String, context: Fingerprint.Context)] = [
        (
            "client",
            .init(
                clientID: "other", tenantID: "tenant", authority: "https://login.example",
                scopes: nil)
        ),
        (
            "tenant",
            .init(
                clientID: "client", tenantID: "other", authority: "https://login.example",
                scopes: nil)
        ),
        (
            "authority",
            .init(
                clientID: "client", tenantID: "tenant", authority: "https://other.example",
                scopes: nil)
        ),
        (
            "scopes",
            .init(
                clientID: "client", tenantID: "tenant", authority: "https://login.example",
                scopes: "User.Read")
        ),
    ]

    @Test(arguments: mended)
    func `a failure is void under another configuration, and stands again under the old one`(
        what: String, context: Fingerprint.Context
    ) async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.record(Self.failure(), for: connection, at: Self.now)

        let mended = try database.store(context: context)
        #expect(try await mended.connection("7", at: Self.now)?.failure == nil, "\(what)")
        #expect(try await mended.condemned(after: nil, limit: 9, at: Self.now).connections.isEmpty)
        #expect(try await store.connection("7", at: Self.now)?.failure != nil)
    }

    @Test func `a failure is void when the user has signed in again`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.record(Self.failure(), for: connection, at: Self.now)
        try database.run("UPDATE oauth_tokens SET refresh_token = 'rt-new'")
        #expect(try await store.connection("7", at: Self.now)?.failure == nil)
        #expect(try await store.condemned(after: nil, limit: 9, at: Self.now).connections.isEmpty)
    }

    @Test func `a failure of a token that the row no longer holds is not recorded`() async throws {
        let database = try ScratchDatabase()
        for user in 1...3 { try database.enrol(.integer(Int64(user))) }
        let store = try database.store()
        var connections: [Connection] = []
        for user in 1...3 {
            connections.append(try #require(await store.connection("\(user)", at: Self.now)))
        }
        try database.run("UPDATE oauth_tokens SET refresh_token = 'rt-new' WHERE user_id = 1")
        try database.run("DELETE FROM oauth_tokens WHERE user_id = 2")
        try database.run("UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id = 3")
        for connection in connections {
            #expect(try await store.record(Self.failure(), for: connection, at: Self.now) == .raced)
        }
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == 0)
    }

    @Test func `a success clears the failure and remembers when`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.record(Self.failure(), for: connection, at: Self.now)
        let tokens = TokenSet(
            accessToken: Secret("at"), refreshToken: nil, expiresAt: Self.now + 3600)
        #expect(try await store.save(tokens, for: connection, at: Self.now + 5) == .stored)
        let after = try #require(await store.connection("7", at: Self.now))
        #expect(after.failure == nil)
        #expect(after.lastRefreshedAt == Self.now + 5)

        // The next failure does not wipe out when it last worked.
        _ = try await store.record(Self.failure(.transient), for: after, at: Self.now + 60)
        let failed = try #require(await store.connection("7", at: Self.now))
        #expect(failed.failure?.verdict == .transient)
        #expect(failed.lastRefreshedAt == Self.now + 5)
    }

    @Test(arguments: [
        (172_799.0, true), (172_801, false), (34_560_000, false), (-3600, true),
    ])
    func `a time more than 48 hours ahead was written by a clock that jumped, and is void`(
        ahead: Double, stands: Bool
    ) async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        let time = Self.now + ahead
        _ = try await store.record(
            Self.failure(since: time, next: time), for: connection, at: Self.now)
        let failure = try #require(await store.connection("7", at: Self.now)?.failure)
        #expect(failure.nextAttemptAt == (stands ? time : nil))
        #expect(failure.since == (stands ? time : Self.now))

        try await store.pauseClient(until: time)
        let pause = try await store.clientPause(at: Self.now + 1)
        #expect((pause != nil) == (stands && ahead > 0))

        let tokens = TokenSet(accessToken: Secret("at"), refreshToken: nil, expiresAt: time)
        _ = try await store.save(tokens, for: connection, at: time)
        let refreshed = try await store.connection("7", at: Self.now)?.lastRefreshedAt
        #expect(refreshed == (stands ? time : nil))
    }

    @Test func `the condemned are listed page by page in order of user`() async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "")
        let users: [SQLiteValue] = [-3, 7, 20, 100, "", "007", "7", "B", "a", "é"]
        for user in users.reversed() { try database.enrol(user) }
        try database.enrol(50)
        try database.enrol(7, provider: "google")
        let store = try database.store()
        for row in try await store.allRows(after: 0, limit: 100, at: Self.now) {
            guard case .connection(let connection) = row.row else { continue }
            let verdict: Verdict =
                connection.id.userID == .integer(50) ? .transient : .consentRequired
            _ = try await store.record(Self.failure(verdict), for: connection, at: Self.now)
        }
        for limit in [1, 3, 256] {
            var found: [UserID] = []
            var last: UserID?
            while true {
                let page = try await store.condemned(after: last, limit: limit, at: Self.now)
                #expect(page.connections.count <= limit)
                found += page.connections.map(\.id.userID)
                guard let end = page.last else { break }
                last = end
            }
            #expect(found == users.map { UserID($0)! })
        }
    }

    @Test func `condemned rows that are gone or mended don't end the listing`() async throws {
        let database = try ScratchDatabase()
        for user in 1...6 { try database.enrol(.integer(Int64(user))) }
        let store = try database.store()
        for user in 1...6 {
            let connection = try #require(await store.connection("\(user)", at: Self.now))
            _ = try await store.record(Self.failure(), for: connection, at: Self.now)
        }
        try database.run("DELETE FROM oauth_tokens WHERE user_id IN (1, 2)")
        try database.run("UPDATE oauth_tokens SET refresh_token = 'rt-new' WHERE user_id = 3")
        let first = try await store.condemned(after: nil, limit: 3, at: Self.now)
        #expect(first.connections.isEmpty)
        #expect(first.last == .integer(3))
        let second = try await store.condemned(after: first.last, limit: 9, at: Self.now)
        #expect(second.connections.map(\.id.userID) == [.integer(4), .integer(5), .integer(6)])
    }

    @Test func `users 7 and '7' and '007' have failures of their own`() async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "")
        for user: SQLiteValue in [7, "7", "007"] { try database.enrol(user) }
        let store = try database.store()
        let seven = try await store.rows(ofUser: "7", at: Self.now)
        #expect(seven.count == 2)
        guard case .connection(let integer) = seven[0] else {
            Issue.record("no connection")
            return
        }
        #expect(integer.id.userID == .integer(7))
        _ = try await store.record(Self.failure(), for: integer, at: Self.now)
        let failing = try await store.allRows(after: 0, limit: 9, at: Self.now).compactMap {
            if case .connection(let one) = $0.row, one.failure != nil { one.id.userID } else { nil }
        }
        #expect(failing == [.integer(7)])
        #expect(try await store.rows(ofUser: "007", at: Self.now).map(\.name) == ["007"])
    }

    @Test(arguments: [("INTEGER", "7"), ("VARCHAR(36)", "007")])
    func `007 is a text wherever it can be one`(type: String, found: String) async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: type)
        try database.enrol("007")
        let store = try database.store()
        #expect(try await store.rows(ofUser: found, at: Self.now).count == 1)
        // A column of integers made 7 of it when it was stored.
        #expect(try await store.rows(ofUser: found == "7" ? "007" : "7", at: Self.now).isEmpty)
    }

    @Test func `the pause of a client is its own and ends by itself`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        #expect(try await store.clientPause(at: Self.now) == nil)
        try await store.pauseClient(until: Self.now + 600)
        let pause = try #require(await store.clientPause(at: Self.now))
        #expect((600...601).contains(pause.timeIntervalSince(Self.now)))
        #expect(try await store.clientPause(at: Self.now + 602) == nil)
        #expect(try await database.store(readOnly: true).clientPause(at: Self.now) == pause)

        for (what, context) in Self.mended {
            let other = try await database.store(context: context).clientPause(at: Self.now)
            // Other scopes are still the same client at the same authority.
            #expect((other != nil) == (what == "scopes"), "\(what)")
        }
        try await store.pauseClient(until: Self.now + 60)
        #expect(try #require(await store.clientPause(at: Self.now)) <= Self.now + 61)
    }

    @Test(arguments: [1, 2, 3, 100])
    func `the state of deleted rows is removed, window by window`(window: Int) async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "")
        let users: [SQLiteValue] = [1, 2, 3, 4, "4", "a", "b"]
        for user in users { try database.enrol(user) }
        let store = try database.store()
        for row in try await store.allRows(after: 0, limit: 100, at: Self.now) {
            guard case .connection(let connection) = row.row else { continue }
            _ = try await store.record(Self.failure(), for: connection, at: Self.now)
        }
        try database.run(
            """
            INSERT INTO maintain_teams_connections (provider, user_id, verdict, failures, last_attempt_at)
            VALUES ('google', 1, 'transient', 1, 0)
            """)
        try database.run(
            "DELETE FROM oauth_tokens WHERE user_id IN (1, 3, 4, 'b')")
        for _ in 0..<(users.count / window + 2) {
            try await store.forgetDeletedConnections(window: window)
        }
        let kept = try database.column(
            "SELECT user_id FROM maintain_teams_connections WHERE provider = 'microsoft' ORDER BY 1"
        )
        #expect(kept == [2, "4", "a"])
        // Another provider's passes look after their own.
        #expect(
            try database.value(
                "SELECT count(*) FROM maintain_teams_connections WHERE provider = 'google'") == 1)
    }

    /// An integer column finds 4 for '4' too.
    @Test func `a user of another type is another user when deleted rows are looked for`()
        async throws
    {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "INTEGER")
        try database.enrol(4)
        let store = try database.store()
        try database.run(
            """
            INSERT INTO maintain_teams_connections (provider, user_id, verdict, failures, last_attempt_at)
            VALUES ('microsoft', 4, 'refreshed', 0, 0), ('microsoft', '4', 'refreshed', 0, 0)
            """)
        try await store.forgetDeletedConnections()
        #expect(
            try database.column("SELECT user_id FROM maintain_teams_connections") == [4])
    }

    @Test func `tables of a newer version are refused`() async throws {
        let database = try ScratchDatabase()
        _ = try database.store()
        try database.run("UPDATE maintain_teams_meta SET value = 2 WHERE key = 'version'")
        let before = try database.dump()
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try database.store(readOnly: readOnly) }
            #expect(error?.message.contains("version 2") == true)
            #expect(error?.hint != nil)
            #expect(error?.kind == .database)
        }
        #expect(try database.dump() == before)
    }

    @Test func `the application's user_version and journal mode stay its own`() throws {
        for journal in ["delete", "wal"] {
            let database = try ScratchDatabase(journal: journal)
            try database.run("PRAGMA user_version = 42")
            _ = try database.store()
            #expect(try database.value("PRAGMA user_version") == 42)
            #expect(try database.value("PRAGMA journal_mode") == .text(journal))
            #expect(try database.ourTables.count == 6)
        }
    }

    @Test func `reading a database that no pass has seen creates nothing`() async throws {
        let database = try ScratchDatabase(journal: "DELETE")
        try database.enrol(7)
        let name = "teams.sqlite3"
        let before = try database.directory.bytes(of: name)
        let store = try database.store(readOnly: true)
        let connection = try #require(await store.connection("7", at: Self.now))
        #expect(connection.failure == nil)
        #expect(connection.lastRefreshedAt == nil)
        #expect(try await store.clientPause(at: Self.now) == nil)
        #expect(try await store.meta("incident_since") == nil)
        #expect(try await store.condemned(after: nil, limit: 9, at: Self.now).connections.isEmpty)
        #expect(try await store.due(Self.now) == ["7"])
        #expect(try database.directory.bytes(of: name) == before)
        #expect(database.directory.names == [name])
    }

    @Test func `a read-only store refuses to write`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        _ = try database.store()
        let store = try database.store(readOnly: true)
        let connection = try #require(await store.connection("7", at: Self.now))
        let tokens = TokenSet(accessToken: Secret("at"), refreshToken: nil, expiresAt: Self.now)
        await #expect(throws: StoreError.self) {
            try await store.save(tokens, for: connection, at: Self.now)
        }
        await #expect(throws: StoreError.self) {
            try await store.record(Self.failure(), for: connection, at: Self.now)
        }
        await #expect(throws: StoreError.self) { try await store.beginPass("run", at: Self.now) }
        #expect(try database.value("SELECT access_token FROM oauth_tokens") == "at-old")
    }

    @Test func `the journal of passes is bounded`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        for number in 1...1010 {
            try await store.beginPass("run-\(number)", at: Self.now)
            try await store.endPass(
                "run-\(number)", startedAt: Self.now, finishedAt: Self.now + 2, exitCode: 10,
                summary: "{}")
        }
        #expect(try database.value("SELECT count(*) FROM maintain_teams_passes") == 1000)
        let last = try database.rows(
            """
            SELECT run_id, started_at, finished_at, exit_code, summary
            FROM maintain_teams_passes ORDER BY id DESC LIMIT 1
            """, columns: 5)
        let start = SQLiteValue.integer(Self.now.wholeSeconds)
        let end = SQLiteValue.integer(Self.now.wholeSeconds + 2)
        #expect(last == [["run-1010", start, end, 10, "{}"]])
    }

    @Test func `a value of our own is set, replaced and removed`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        #expect(try await store.meta("incident_since") == nil)
        try await store.setMeta("incident_since", "1")
        try await store.setMeta("incident_since", "2")
        #expect(try await database.store(readOnly: true).meta("incident_since") == "2")
        try await store.setMeta("incident_since", nil)
        #expect(try await store.meta("incident_since") == nil)
    }

    @Test func `details that can't be read don't hide the failure`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.record(Self.failure(), for: connection, at: Self.now)
        try database.run("UPDATE maintain_teams_connections SET refusal = '{\"half'")
        let failure = try #require(await store.connection("7", at: Self.now)?.failure)
        #expect(failure.verdict == .reauthRequired)
        #expect(!failure.refusal.message.isEmpty)
    }
}
