import FoundationEssentials
import Synchronization
import Testing

@testable import TokenCore

@Suite struct SaveTests {
    static let now = Date("2026-11-22T12:00:00")

    static func tokens(
        refresh: String? = "rt-new", type: String? = "Bearer", scope: String? = "User.Read"
    ) -> TokenSet {
        TokenSet(
            accessToken: Secret("at-new"), refreshToken: refresh.map { Secret($0) },
            expiresAt: now + 3600, tokenType: type, scope: scope)
    }

    @Test func `new tokens are stored, and nothing else in the file is touched`() async throws {
        let database = try ScratchDatabase()
        try database.run("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
        try database.run("INSERT INTO users (name) VALUES ('Ann'), ('Bob')")
        for user in 1...9 { try database.enrol(.integer(Int64(user))) }
        try database.enrol(7, provider: "google", refreshToken: "rt-7")
        try database.run("UPDATE oauth_tokens SET scope = NULL, updated_at = '2026-01-01 00:00:00'")
        let others = "id <> 7"
        let columns =
            "access_token, refresh_token, expires_at, token_type, scope, created_at, updated_at"
        let store = try database.store()
        let before = try database.rows(
            "SELECT \(columns) FROM oauth_tokens WHERE \(others)", columns: 7)
        let untouched = try database.dump(
            except: ["access_token", "refresh_token", "expires_at", "scope", "updated_at"])

        let connection = try #require(await store.connection("7", at: Self.now))
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)

        #expect(
            try database.rows(
                "SELECT access_token, refresh_token, expires_at, token_type, scope, updated_at FROM oauth_tokens WHERE id = 7",
                columns: 6) == [
                    [
                        "at-new", "rt-new", "2026-11-22 13:00:00", "Bearer", "User.Read",
                        "2026-11-22 12:00:00",
                    ]
                ])
        #expect(
            try database.rows("SELECT \(columns) FROM oauth_tokens WHERE \(others)", columns: 7)
                == before)
        #expect(
            try database.dump(
                except: ["access_token", "refresh_token", "expires_at", "scope", "updated_at"])
                == untouched)
        #expect(try database.value("PRAGMA integrity_check") == "ok")
    }

    @Test(arguments: [
        (nil as String?, SQLiteValue.text("User.Read")), ("Mail.Read", "Mail.Read"), ("", ""),
    ])
    func `a scope is filled in only where there was none`(
        old: String?, stored: SQLiteValue
    ) async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        try database.run("UPDATE oauth_tokens SET scope = ?1", [old.map { .text($0) } ?? .null])
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.save(Self.tokens(), for: connection, at: Self.now)
        #expect(try database.value("SELECT scope FROM oauth_tokens") == stored)
    }

    @Test func `what the server did not send stays as it was`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        try database.run("UPDATE oauth_tokens SET token_type = 'bearer'")
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        let tokens = Self.tokens(refresh: nil, type: nil, scope: nil)
        #expect(try await store.save(tokens, for: connection, at: Self.now) == .stored)
        #expect(
            try database.rows(
                "SELECT access_token, refresh_token, token_type, scope FROM oauth_tokens",
                columns: 4)
                == [["at-new", "rt-7", "bearer", .null]])
    }

    /// Every combination of the columns that an installation may lack.
    @Test(arguments: 0..<8)
    func `columns that are missing are not missed`(_ bits: Int) async throws {
        let optional = ["scope", "token_type", "updated_at"].enumerated()
            .filter { bits & 1 << $0.offset != 0 }.map(\.element)
        let columns = OAuthTable.required + optional
        let database = try ScratchDatabase([
            "CREATE TABLE oauth_tokens (\(columns.joined(separator: ", ")))"
        ])
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)
        let stored = try database.rows("SELECT * FROM oauth_tokens", columns: columns.count)
        let values: [String: SQLiteValue] = [
            "scope": "User.Read", "token_type": "Bearer", "updated_at": "2026-11-22 12:00:00",
        ]
        #expect(
            stored == [
                [7, "microsoft", "at-new", "rt-new", "2026-11-22 13:00:00"]
                    + optional.map { values[$0] ?? .null }
            ])
    }

    @Test(arguments: ExpiresAtTests.forms.map(\.stored).filter { $0 != "0001-01-01 00:00:00" })
    func `each time keeps the form of its own column`(_ form: SQLiteValue) async throws {
        let database = try ScratchDatabase(expiresAt: "")
        try database.enrol(7, expires: form)
        try database.run("UPDATE oauth_tokens SET updated_at = '2026-01-01T00:00:00.000+02:00'")
        let zone = LocalTime.named("Europe/Berlin")
        let store = try database.store(zone: zone)
        let connection = try #require(await store.connection("7", at: Self.now))
        _ = try await store.save(Self.tokens(), for: connection, at: Self.now)
        let stored = try #require(try database.value("SELECT expires_at FROM oauth_tokens"))
        let written = try #require(ExpiresAt(stored, zone: zone))
        #expect(written.date == Self.now + 3600)
        #expect(
            try database.value("SELECT updated_at FROM oauth_tokens")
                == "2026-11-22T14:00:00.000+02:00")
        #expect(written.form == ExpiresAt(form, zone: zone)?.form)
    }

    /// What the application does while the answer is on its way, and what must be there afterwards.
    static let races: [(what: String, sql: String)] = [
        ("signed in again", "UPDATE oauth_tokens SET refresh_token = 'rt-app' WHERE user_id = 7"),
        ("signed out", "UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id = 7"),
        ("blanked", "UPDATE oauth_tokens SET refresh_token = '' WHERE user_id = 7"),
        ("removed", "DELETE FROM oauth_tokens WHERE user_id = 7"),
        ("another provider", "UPDATE oauth_tokens SET provider = 'google' WHERE user_id = 7"),
        ("another user", "UPDATE oauth_tokens SET user_id = 8 WHERE user_id = 7"),
        ("longer", "UPDATE oauth_tokens SET refresh_token = 'rt-7 ' WHERE user_id = 7"),
        ("upper case", "UPDATE oauth_tokens SET refresh_token = 'RT-7' WHERE user_id = 7"),
    ]

    @Test(arguments: races, ["WAL", "DELETE"])
    func `a row that moved on keeps what it became`(
        race: (what: String, sql: String), journal: String
    ) async throws {
        let database = try ScratchDatabase(journal: journal)
        try database.enrol(7)
        try database.enrol(1)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        try database.run(race.sql)
        let before = try database.dump()
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .raced)
        #expect(try database.dump() == before, "\(race.what)")
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == 0)
        // From the spool of an earlier process the same rule holds.
        let record = Spool.Record(
            connection: connection.id, rowID: connection.rowID,
            sent: .ofToken(connection.refreshToken), requestedAt: Self.now, body: [])
        #expect(try await store.save(Self.tokens(), from: record, at: Self.now) == .raced)
        #expect(try database.dump() == before, "\(race.what)")
    }

    @Test func `another user with the same token in the same place is another connection`()
        async throws
    {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "")
        let rowID = try database.enrol(7, refreshToken: "rt-shared")
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        try database.run("UPDATE oauth_tokens SET user_id = '7' WHERE id = ?1", [.integer(rowID)])
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .raced)
        #expect(try await store.currentRefreshToken(of: connection) == nil)
    }

    @Test func `an answer left in the spool is stored under the same rule`() async throws {
        let database = try ScratchDatabase()
        let rowID = try database.enrol(7)
        let store = try database.store()
        let record = Spool.Record(
            connection: ConnectionID(userID: .integer(7), provider: "microsoft"), rowID: rowID,
            sent: .ofToken(Secret("rt-7")), requestedAt: Self.now, body: [])
        #expect(try await store.save(Self.tokens(), from: record, at: Self.now) == .stored)
        #expect(try await store.save(Self.tokens(), from: record, at: Self.now) == .raced)
        #expect(try database.value("SELECT refresh_token FROM oauth_tokens") == "rt-new")
    }

    @Test func `VACUUM may number the rows anew between the answer and its commit`() async throws {
        let database = try ScratchDatabase([
            """
            CREATE TABLE oauth_tokens (id VARCHAR(36) PRIMARY KEY, user_id INTEGER, provider TEXT,
              access_token TEXT, refresh_token TEXT, expires_at DATETIME)
            """
        ])
        for user in 1...5 { try database.enrol(.integer(Int64(user))) }
        let store = try database.store()
        let connections = try await [
            store.connection("3", at: Self.now), store.connection("5", at: Self.now),
        ]
        try database.run("DELETE FROM oauth_tokens WHERE user_id IN (1, 2)")
        try database.run("VACUUM")
        for connection in connections.compactMap({ $0 }) {
            #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)
        }
        #expect(
            try database.column("SELECT refresh_token FROM oauth_tokens ORDER BY user_id")
                == ["rt-new", "rt-4", "rt-new"])
    }

    @Test func `a refresh token stored as a blob is replaced all the same`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7, refreshToken: .blob(Array("rt-7".utf8)))
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        #expect(connection.refreshToken == Secret("rt-7"))
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)
        #expect(try database.value("SELECT refresh_token FROM oauth_tokens") == "rt-new")
    }

    @Test(arguments: [
        SQLiteValue.text("7"), "007", "é", "o'Brien", "", .integer(.max), .integer(.min),
    ])
    func `every kind of user is found again when the answer arrives`(_ user: SQLiteValue)
        async throws
    {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: "")
        try database.enrol(user)
        let store = try database.store()
        await store.selectDue(horizon: Self.now)
        let rows = try #require(await store.nextDue(9, at: Self.now))
        guard case .connection(let connection) = rows.first else {
            Issue.record("no connection")
            return
        }
        #expect(SQLiteValue(connection.id.userID) == user)
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)
        #expect(
            try database.rows("SELECT user_id, verdict FROM maintain_teams_connections", columns: 2)
                == [[user, "refreshed"]])
    }

    @Test func `a row whose time became unreadable meanwhile gets an ordinary one`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        let store = try database.store()
        let connection = try #require(await store.connection("7", at: Self.now))
        try database.run("UPDATE oauth_tokens SET expires_at = 'soon', updated_at = NULL")
        #expect(try await store.save(Self.tokens(), for: connection, at: Self.now) == .stored)
        #expect(
            try database.rows("SELECT expires_at, updated_at FROM oauth_tokens", columns: 2)
                == [["2026-11-22 13:00:00", "2026-11-22 12:00:00"]])
    }
}
