import FoundationEssentials
import Testing

@testable import TokenCore

struct ImportStoreTests {
    private let now = Date("2026-11-22T12:00:00")

    private func enrolment(
        _ user: UserID, refreshToken: String? = "rt-new",
        expires: SQLiteValue = "2026-11-22 13:00:00",
        others: [Enrolment.Column: SQLiteValue] = [:]
    ) -> Enrolment {
        Enrolment(
            userID: user, provider: "microsoft", accessToken: Secret("at-new"),
            refreshToken: refreshToken.map { Secret($0) }, expiresAt: .stored(expires),
            others: others)
    }

    private func `import`(
        _ database: ScratchDatabase, _ rows: [Enrolment], replaces: Bool = false
    ) async throws -> Result<ImportCounts, ImportRefusal> {
        try await database.store().importAll(
            rows.enumerated().map { ($0 + 2, $1) }, replaces: replaces, at: now)
    }

    @Test func `what is given is stored, the rest has its default`() async throws {
        let database = try ScratchDatabase()
        let result = try await self.import(
            database,
            [
                enrolment(.integer(7), others: [.scope: "a b", .createdAt: "2020-01-01 00:00:00"]),
                enrolment(.integer(8), refreshToken: nil, expires: 1_795_348_800),
            ])
        #expect(result == .success(ImportCounts(inserted: 2)))
        #expect(
            try database.rows(
                """
                SELECT id, user_id, access_token, refresh_token, expires_at, scope, token_type,
                  created_at, updated_at FROM oauth_tokens
                """, columns: 9
            ).first == [
                1, 7, "at-new", "rt-new", "2026-11-22 13:00:00", "a b", "Bearer",
                "2020-01-01 00:00:00", "2026-11-22 12:00:00",
            ])
        #expect(
            try database.value("SELECT refresh_token FROM oauth_tokens WHERE user_id = 8") == .null)
        #expect(
            try database.value("SELECT expires_at FROM oauth_tokens WHERE user_id = 8")
                == 1_795_348_800)
    }

    @Test func `one that is there already stops all`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(8)
        let before = try database.dump()
        let result = try await self.import(
            database, [enrolment(.integer(7)), enrolment(.integer(8))])
        #expect(result == .failure(ImportRefusal(problems: [.exists(line: 3)])))
        #expect(try database.dump() == before)
    }

    @Test func `a replaced row keeps its number, its birth and what is not named`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(6)
        try database.enrol(8)
        try database.run(
            "UPDATE oauth_tokens SET created_at = 'then', scope = 'kept' WHERE user_id = 8")
        let result = try await self.import(
            database,
            [enrolment(.integer(8), others: [.createdAt: "2020-01-01 00:00:00"])], replaces: true)
        #expect(result == .success(ImportCounts(inserted: 0, replaced: 1)))
        #expect(
            try database.rows(
                "SELECT id, refresh_token, created_at, scope FROM oauth_tokens WHERE user_id = 8",
                columns: 4) == [[2, "rt-new", "then", "kept"]])
    }

    @Test(arguments: [nil, "", "  "])
    func `no refresh token never takes the place of one`(token: String?) async throws {
        let database = try ScratchDatabase()
        try database.enrol(8)
        _ = try await self.import(
            database, [enrolment(.integer(8), refreshToken: token)], replaces: true)
        #expect(try database.value("SELECT refresh_token FROM oauth_tokens") == "rt-8")
        #expect(try database.value("SELECT access_token FROM oauth_tokens") == "at-new")
    }

    @Test(arguments: [
        ("INTEGER", UserID.text("7"), SQLiteValue.integer(7)), ("TEXT", .integer(7), .text("7")),
        ("", .integer(7), .integer(7)), ("", .text("7"), .text("7")),
        ("TEXT", .text("007"), .text("007")),
    ])
    func `the type of the column decides what a user is`(
        type: String, given: UserID, stored: SQLiteValue
    ) async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", userID: type)
        #expect(
            try await self.import(database, [enrolment(given)])
                == .success(ImportCounts(inserted: 1)))
        #expect(try database.value("SELECT user_id FROM oauth_tokens") == stored)
    }

    @Test func `a user whom the column would make another is refused`() async throws {
        let database = try ScratchDatabase()
        let result = try await self.import(database, [enrolment(.text("007"))])
        guard case .failure(let refusal) = result else {
            Issue.record("007 was stored")
            return
        }
        #expect(refusal.problems.map(\.column) == ["user_id"])
        #expect(try database.value("SELECT count(*) FROM oauth_tokens") == 0)
    }

    @Test func `two spellings that are one user to the table are a duplicate`() async throws {
        let database = try ScratchDatabase()
        let result = try await self.import(
            database, [enrolment(.integer(7)), enrolment(.text("7"))], replaces: true)
        #expect(result == .failure(ImportRefusal(problems: [.duplicate(line: 3, first: 2)])))
    }

    @Test func `a rule of the application's names each line that breaks it`() async throws {
        let database = try ScratchDatabase()
        try database.run(
            """
            CREATE TRIGGER guard BEFORE INSERT ON oauth_tokens WHEN NEW.user_id > 100
            BEGIN SELECT RAISE(ABORT, 'too many'); END
            """)
        let result = try await self.import(
            database, [101, 7, 102].map { enrolment(.integer($0)) })
        guard case .failure(let refusal) = result else {
            Issue.record("it was stored")
            return
        }
        #expect(refusal.problems.map(\.line) == [2, 4])
        #expect(refusal.problems[0].message.contains("too many"))
        #expect(try database.value("SELECT count(*) FROM oauth_tokens") == 0)
    }

    @Test func `a rule that ends the transaction leaves nothing half done`() async throws {
        let database = try ScratchDatabase()
        try database.run(
            """
            CREATE TRIGGER guard BEFORE INSERT ON oauth_tokens WHEN NEW.user_id = 8
            BEGIN SELECT RAISE(ROLLBACK, 'no'); END
            """)
        let result = try await self.import(database, [7, 8, 9].map { enrolment(.integer($0)) })
        guard case .failure(let refusal) = result else {
            Issue.record("it was stored")
            return
        }
        #expect(refusal.problems.map(\.line) == [3])
        #expect(try database.value("SELECT count(*) FROM oauth_tokens") == 0)
    }

    @Test func `ten thousand rows are one transaction`() async throws {
        let database = try ScratchDatabase()
        let result = try await self.import(
            database, (1...10_000).map { enrolment(.integer($0), refreshToken: "rt-\($0)") })
        #expect(result == .success(ImportCounts(inserted: 10_000)))
        #expect(
            try database.value("SELECT count(DISTINCT refresh_token) FROM oauth_tokens") == 10_000)
    }
}
