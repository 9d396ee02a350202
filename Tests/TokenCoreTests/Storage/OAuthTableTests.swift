import Testing

@testable import TokenCore

@Suite struct OAuthTableTests {
    private func open(_ schema: String...) throws -> OAuthTable {
        try OAuthTable(in: ScratchDatabase(schema).application)
    }

    @Test(arguments: OAuthTable.required)
    func `a missing required column is named, and nothing is created`(_ column: String) throws {
        let columns = OAuthTable.required.filter { $0 != column } + ["id", "other"]
        let database = try ScratchDatabase([
            "CREATE TABLE oauth_tokens (\(columns.joined(separator: ", ")))"
        ])
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try database.store(readOnly: readOnly) }
            #expect(error?.message.hasSuffix("has no column \(column)") == true)
            #expect(error?.hint != nil)
        }
        #expect(try database.ourTables.isEmpty)
    }

    @Test func `all missing columns are named at once`() throws {
        let error = #expect(throws: StoreError.self) {
            try open("CREATE TABLE oauth_tokens (user_id, provider, expires_at)")
        }
        #expect(error?.message.hasSuffix("has no column access_token, refresh_token") == true)
    }

    @Test(arguments: [
        [], ["scope"], ["token_type"], ["updated_at"], ["scope", "token_type", "updated_at"],
    ])
    func `the other columns are used when they are there`(_ columns: [String]) throws {
        let all = OAuthTable.required + columns + ["shoe_size"]
        let table = try open("CREATE TABLE oauth_tokens (\(all.joined(separator: ", ")))")
        #expect(table.hasScope == columns.contains("scope"))
        #expect(table.hasTokenType == columns.contains("token_type"))
        #expect(table.hasUpdatedAt == columns.contains("updated_at"))
    }

    @Test func `names in capitals are the same names`() async throws {
        let database = try ScratchDatabase([
            """
            CREATE TABLE OAUTH_TOKENS (USER_ID INTEGER, PROVIDER TEXT, ACCESS_TOKEN TEXT,
              REFRESH_TOKEN TEXT, EXPIRES_AT TEXT, SCOPE TEXT, UPDATED_AT)
            """, "CREATE INDEX I ON OAUTH_TOKENS (EXPIRES_AT)",
        ])
        let table = try OAuthTable(in: database.application)
        #expect(table.hasScope && table.hasUpdatedAt && !table.hasTokenType)
        #expect(table.hasExpiryIndex && !table.keepsNumbers)
        try database.enrol(7)
        #expect(try await database.store().due(DueSelectionTests.noon) == ["7"])
    }

    @Test(arguments: [
        [
            "CREATE TABLE t (user_id, provider, access_token, refresh_token, expires_at)",
            "CREATE VIEW oauth_tokens AS SELECT * FROM t",
        ],
        [
            "CREATE TABLE oauth_tokens (user_id PRIMARY KEY, provider, access_token, refresh_token, expires_at) WITHOUT ROWID"
        ],
    ])
    func `a view or a table without rowids is refused in words`(_ schema: [String]) throws {
        let database = try ScratchDatabase(schema)
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try database.store(readOnly: readOnly) }
            #expect(error?.message.contains("is a view, virtual or WITHOUT ROWID") == true)
        }
        #expect(try database.ourTables.isEmpty)
    }

    @Test(arguments: [[], ["CREATE TABLE other (user_id)"]])
    func `a database of another program is recognised`(_ schema: [String]) throws {
        let database = try ScratchDatabase(schema)
        let error = #expect(throws: StoreError.self) { try database.store() }
        #expect(error?.message == "no table oauth_tokens in \(database.path)")
        #expect(try database.ourTables.isEmpty)
    }

    @Test(arguments: [
        ("DATETIME", true), ("INTEGER", true), ("INT UNSIGNED", true), ("BIGINT", true),
        ("REAL", true),
        ("", true), ("BLOB", true), ("NUMERIC", true), ("timestamp with time zone", true),
        ("TEXT", false), ("text", false), ("VARCHAR(30)", false), ("CLOB", false),
        ("NCHAR(19)", false),
        ("CHARINT", true), ("POINT TEXT", true),
    ])
    func `whether numbers stay numbers follows SQLite's own rules`(type: String, keeps: Bool) throws
    {
        let database = try ScratchDatabase(expiresAt: type)
        #expect(try OAuthTable(in: database.application).keepsNumbers == keeps)
        try database.enrol(7, expires: 1_795_348_800)
        #expect(
            (try database.value("SELECT typeof(expires_at) FROM oauth_tokens") == "text") == !keeps)
    }

    @Test(arguments: [
        ("CREATE INDEX i ON oauth_tokens (expires_at)", true),
        ("CREATE INDEX i ON oauth_tokens (expires_at, provider)", true),
        ("CREATE INDEX i ON oauth_tokens (provider, expires_at)", false),
        ("CREATE INDEX i ON oauth_tokens (expires_at) WHERE provider = 'google'", false),
        ("CREATE INDEX i ON oauth_tokens (datetime(expires_at, '+0 days'))", false),
    ])
    func `only an index that begins with expires_at counts`(sql: String, counts: Bool) throws {
        #expect(try open(ScratchDatabase.table(), sql).hasExpiryIndex == counts)
    }

    @Test func `a missing file, a directory and a file of another kind are told apart`() throws {
        let directory = try ScratchDirectory()
        func error(_ path: String) -> StoreError? {
            #expect(throws: StoreError.self) {
                try TokenStore(
                    TokenStore.Settings(
                        path: path, provider: "microsoft", zone: .utc,
                        context: ScratchDatabase.context),
                    readOnly: false)
            }
        }
        #expect(
            error("\(directory.path)/none.sqlite3")?.message.hasPrefix("no database at ") == true)
        #expect(
            error("\(directory.path)/none/none.sqlite3")?.message.hasPrefix("no database at ")
                == true)
        #expect(error(directory.path)?.message == "\(directory.path) is a directory")
        let letter = try directory.write(Array(repeating: 0x41, count: 5000), to: "letter.txt")
        #expect(
            error(letter)?.hint?.contains("`sqlite3 \(letter) 'PRAGMA integrity_check'`") == true)
        #expect(directory.names == ["letter.txt"])
    }
}
