/// Our own tables, beside the application's in the same file. Numbered in `maintain_teams_meta`, since
/// `user_version` belongs to the application.

internal import FoundationEssentials

enum StateSchema {
    /// Raised with every change that an older program could not read.
    static let version: Int64 = 1

    /// Creates what is missing. Runs inside the caller's transaction.
    static func create(in database: Database) throws {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS maintain_teams_meta (
              key TEXT PRIMARY KEY, value) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS maintain_teams_connections (
              provider TEXT NOT NULL, user_id NOT NULL,
              verdict TEXT NOT NULL, failures INTEGER NOT NULL, failing_since INTEGER,
              last_attempt_at INTEGER NOT NULL, last_refreshed_at INTEGER,
              next_attempt_at INTEGER, fingerprint BLOB, refusal TEXT,
              PRIMARY KEY (provider, user_id)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS maintain_teams_condemned
              ON maintain_teams_connections (provider, user_id)
              WHERE verdict IN ('reauth_required', 'consent_required');
            CREATE TABLE IF NOT EXISTS maintain_teams_clients (
              client TEXT PRIMARY KEY, not_before INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS maintain_teams_passes (
              id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, started_at INTEGER NOT NULL,
              finished_at INTEGER, exit_code INTEGER, summary TEXT);
            CREATE TABLE IF NOT EXISTS maintain_teams_reported (
              problem TEXT PRIMARY KEY, detail TEXT NOT NULL, reported_at INTEGER NOT NULL)
              WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS maintain_teams_accounts (
              provider TEXT NOT NULL, user_id NOT NULL, tenant_id TEXT NOT NULL,
              object_id TEXT NOT NULL, name TEXT, signed_in_at INTEGER NOT NULL,
              PRIMARY KEY (provider, user_id)) WITHOUT ROWID;
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
        try database.execute(
            """
            CREATE TEMP TABLE maintain_teams_meta (key TEXT PRIMARY KEY, value);
            CREATE TEMP TABLE maintain_teams_connections (
              provider TEXT, user_id, verdict TEXT, failures INTEGER, failing_since INTEGER,
              last_attempt_at INTEGER, last_refreshed_at INTEGER, next_attempt_at INTEGER,
              fingerprint BLOB, refusal TEXT, PRIMARY KEY (provider, user_id));
            CREATE TEMP TABLE maintain_teams_clients (client TEXT PRIMARY KEY, not_before INTEGER);
            CREATE TEMP TABLE maintain_teams_passes (
              id INTEGER PRIMARY KEY, run_id TEXT, started_at INTEGER, finished_at INTEGER,
              exit_code INTEGER, summary TEXT);
            CREATE TEMP TABLE maintain_teams_reported (
              problem TEXT PRIMARY KEY, detail TEXT, reported_at INTEGER);
            """)
    }

    /// Whether the table is there that a program of the same version added later: who only reads has no
    /// use for it.
    static func hasAccounts(in database: Database) throws -> Bool {
        let table = try database.prepare(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'maintain_teams_accounts'")
        defer { table.reset() }
        return try table.step()
    }

    enum Presence {
        case none, partial, complete
    }

    /// How many of the tables and indexes there are.
    /// - Throws: ``StoreError`` when a newer program has made them.
    static func presence(in database: Database) throws -> Presence {
        let names = try database.prepare(
            """
            SELECT count(*) FILTER (WHERE name = 'maintain_teams_meta'), count(*)
            FROM sqlite_master WHERE name IN (
              'maintain_teams_meta', 'maintain_teams_connections', 'maintain_teams_condemned',
              'maintain_teams_clients', 'maintain_teams_passes', 'maintain_teams_reported')
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
        return count == 6 ? .complete : .partial
    }

    static func incomplete(_ path: String) -> StoreError {
        StoreError(
            "some of the tables maintain_teams_* in \(path) are missing",
            hint: "the next pass creates them anew")
    }

    /// Finds out before a token is spent that somebody has altered a table.
    static func verify(in database: Database) throws {
        try translating(database) {
            for query: StaticString in [
                "SELECT key, value FROM maintain_teams_meta",
                """
                SELECT provider, user_id, verdict, failures, failing_since, last_attempt_at,
                       last_refreshed_at, next_attempt_at, fingerprint, refusal
                FROM maintain_teams_connections
                """,
                "SELECT client, not_before FROM maintain_teams_clients",
                """
                SELECT id, run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes
                """,
                "SELECT problem, detail, reported_at FROM maintain_teams_reported",
            ] { _ = try database.prepare(query) }
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
