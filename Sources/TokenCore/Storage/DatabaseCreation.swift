/// A database for an application that has none yet: the file, the table, its index. What is there
/// already stays as it is.

internal import Glibc

/// What `init` did.
struct DatabaseCreation: Equatable, Sendable {
    let path: String
    let createdFile: Bool
    let createdTable: Bool
    /// For example `wal`.
    let journalMode: String

    /// Creates what is missing; doing it again is harmless.
    /// - Throws: ``StoreError``, also when there is a table that this program can't use.
    static func run(at path: String, busyTimeout: Duration) throws(StoreError) -> DatabaseCreation {
        do {
            try createDirectory(FilePaths.directory(of: path))
            let real = try FilePaths.real(path)
            let createdFile = try createFile(real)
            let status = try FileStatus(path: real)
            try DatabaseAccess.check(status, writes: true)
            let isEmpty = status.size == 0
            let database = try Database(path: real, mode: .readWrite, busyTimeout: busyTimeout)
            try database.execute("PRAGMA synchronous = FULL")
            // The journal mode of somebody else's database is theirs; an empty file is nobody's yet.
            if isEmpty { try database.execute("PRAGMA journal_mode = WAL") }
            let createdTable = try database.transaction { try createTable(in: database) }
            _ = try OAuthTable(in: database)
            return DatabaseCreation(
                path: real, createdFile: createdFile, createdTable: createdTable,
                journalMode: try journalMode(of: database))
        } catch {
            throw .wrapping(error)
        }
    }

    /// mkdir(2) for every directory that is missing, closed to others.
    private static func createDirectory(_ path: String) throws(SystemError) {
        guard !FilePaths.exists(path) else { return }
        try createDirectory(FilePaths.directory(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("create \(path)") }
    }

    /// The file is there, with its mode, before SQLite sees it: its journals inherit the mode.
    /// - Returns: Whether it was created.
    private static func createFile(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try FileDescriptor(path: path, flags: O_RDWR | O_CREAT | O_EXCL)
            return true
        } catch {
            guard error.code == EEXIST else { throw error }
            return false
        }
    }

    private static func createTable(in database: Database) throws -> Bool {
        let statement = try database.prepare(
            "SELECT 1 FROM sqlite_master WHERE name = 'oauth_tokens' COLLATE NOCASE")
        let exists = try statement.step()
        statement.reset()
        if exists { return false }
        try database.execute(
            """
            CREATE TABLE oauth_tokens (
              id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL,
              provider VARCHAR(50) NOT NULL DEFAULT 'microsoft',
              access_token TEXT NOT NULL, refresh_token TEXT, token_type VARCHAR(20) DEFAULT 'Bearer',
              expires_at DATETIME NOT NULL, scope TEXT,
              created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
              updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
              UNIQUE (user_id, provider));
            CREATE INDEX idx_expires_at ON oauth_tokens (expires_at);
            """)
        return true
    }

    private static func journalMode(of database: Database) throws -> String {
        let statement = try database.prepare("PRAGMA journal_mode")
        defer { statement.reset() }
        return try statement.step() ? statement.text(0) : ""
    }
}
