/// Our own tables, beside the application's in the same file. Numbered in `maintain_teams_meta`, since
/// `user_version` belongs to the application.

internal import FoundationEssentials

enum StateSchema {
    /// Raised with every change that an older program could not read.
    static let version: Int64 = 1

    private struct Table {
        let name: String
        /// Each with its type.
        let columns: [String]
        var key: String?
        var options = "WITHOUT ROWID"

        var definition: String {
            "\(name) (\((columns + [key].compactMap(\.self)).joined(separator: ", "))) \(options)"
        }

        var selection: String {
            let names = columns.map { $0.prefix { $0 != " " } }
            return "SELECT \(names.joined(separator: ", ")) FROM \(name)"
        }
    }

    private static let tables = [
        Table(name: "maintain_teams_meta", columns: ["key TEXT PRIMARY KEY", "value"]),
        Table(
            name: "maintain_teams_connections",
            columns: [
                "provider TEXT NOT NULL", "user_id NOT NULL", "verdict TEXT NOT NULL",
                "failures INTEGER NOT NULL", "failing_since INTEGER",
                "last_attempt_at INTEGER NOT NULL", "last_refreshed_at INTEGER",
                "next_attempt_at INTEGER", "fingerprint BLOB", "refusal TEXT",
            ], key: "PRIMARY KEY (provider, user_id)"),
        Table(
            name: "maintain_teams_clients",
            columns: ["client TEXT PRIMARY KEY", "not_before INTEGER NOT NULL"]),
        Table(
            name: "maintain_teams_passes",
            columns: [
                "id INTEGER PRIMARY KEY", "run_id TEXT NOT NULL", "started_at INTEGER NOT NULL",
                "finished_at INTEGER", "exit_code INTEGER", "summary TEXT",
            ], options: ""),
        Table(
            name: "maintain_teams_reported",
            columns: [
                "problem TEXT PRIMARY KEY", "detail TEXT NOT NULL", "reported_at INTEGER NOT NULL",
            ]),
        Table(
            name: "maintain_teams_accounts",
            columns: [
                "provider TEXT NOT NULL", "user_id NOT NULL", "tenant_id TEXT NOT NULL",
                "object_id TEXT NOT NULL", "name TEXT", "signed_in_at INTEGER NOT NULL",
            ], key: "PRIMARY KEY (provider, user_id)"),
    ]

    static let tableNames = tables.map(\.name)

    /// Adds to rows `t` of the application's table what is remembered of them, as `c`. The plus takes the affinity of
    /// the application's column away. Under it SQLite would compare as numbers, for which the key is of no use, and
    /// read all states for each row; and 4 is another user than '4'
    /// (sqlite.org/datatype3.html#type_conversions_prior_to_comparison).
    static let joinedState = """
        LEFT JOIN maintain_teams_connections AS c
          ON c.provider = t.provider AND c.user_id = +t.user_id
        """

    /// Creates what is missing. Runs inside the caller's transaction.
    static func create(in database: Database) throws {
        for table in tables {
            try database.prepare(text: "CREATE TABLE IF NOT EXISTS \(table.definition)").run()
        }
        try database.execute(
            """
            CREATE INDEX IF NOT EXISTS maintain_teams_condemned
              ON maintain_teams_connections (provider, user_id)
              WHERE verdict IN ('reauth_required', 'consent_required')
            """)
        let statement = try database.prepare(
            "INSERT INTO maintain_teams_meta (key, value) VALUES ('version', ?1) ON CONFLICT DO NOTHING"
        )
        try statement.bind(.integer(version)).run()
    }

    /// Gives a connection that may not write the same tables, empty, in its own memory: reading
    /// commands then need no second set of queries for a database that no pass has seen yet.
    static func createTemporary(in database: Database) throws {
        try database.execute("PRAGMA temp_store = MEMORY")
        for table in tables {
            try database.prepare(text: "CREATE TEMP TABLE \(table.definition)").run()
        }
    }

    enum Presence {
        case none, partial, complete
    }

    /// How many of the tables and indexes there are.
    /// - Throws: ``StoreError`` when a newer program has made them.
    static func presence(in database: Database) throws -> Presence {
        let known = (tableNames + ["maintain_teams_condemned"]).map { "'\($0)'" }
        let names = try database.prepare(
            text: """
                SELECT count(*) FILTER (WHERE name = 'maintain_teams_meta'), count(*)
                FROM sqlite_master WHERE name IN (\(known.joined(separator: ", ")))
                """)
        guard try names.step() else { return .none }
        let (hasVersion, count) = (names.integer(0) > 0, names.integer(1))
        names.reset()
        guard hasVersion else { return count == 0 ? .none : .partial }
        let statement = try translating(database) {
            try database.prepare("SELECT value FROM maintain_teams_meta WHERE key = 'version'")
        }
        guard try statement.step() else { return .partial }
        let found = statement.integer(0)
        guard found <= version else {
            throw StoreError(
                "the tables maintain_teams_* in \(database.path) have version \(found), "
                    + "and this program knows \(version)",
                hint: "a newer maintain-teams wrote them: install that version here too")
        }
        return count == known.count ? .complete : .partial
    }

    static func incomplete(_ path: String) -> StoreError {
        StoreError(
            "some of the tables maintain_teams_* in \(path) are missing",
            hint: "the next pass creates them anew")
    }

    /// Finds out before a token is spent that somebody has altered a table.
    static func verify(in database: Database) throws {
        try translating(database) {
            for table in tables { _ = try database.prepare(text: table.selection) }
        }
    }

    private static func translating<Value>(
        _ database: Database, _ body: () throws -> Value
    ) throws -> Value {
        do { return try body() } catch let error as SQLiteError where error.isOfSQL {
            throw StoreError(
                "the tables maintain_teams_* in \(database.path) are not as this program made them: "
                    + "\(error)",
                hint:
                    "drop all tables whose names begin with maintain_teams_: the next pass creates "
                    + "them anew, and only history is lost")
        }
    }
}
