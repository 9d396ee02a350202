/// One connection to one file, with one owner. Not `Sendable`: the owner's isolation serialises it,
/// which is why SQLite's own mutexes are off.

internal import CSQLite

final class Database {
    let path: String
    private let handle: OpaquePointer

    enum Mode: Equatable {
        case readOnly
        case readWrite
        /// Creates the file when it is missing.
        case create
    }

    /// Opens the file and sets what every connection of ours needs: a finite busy timeout and an
    /// untrusted schema.
    /// - Throws: ``SQLiteError``.
    init(path: String, mode: Mode, busyTimeout: Duration) throws(SQLiteError) {
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch mode {
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
        Self.processSettings
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else {
            throw SQLiteError(
                code: code, message: "open \(path): out of memory", path: path)
        }
        guard code == SQLITE_OK else {
            // A failed open still has a handle, which holds the message.
            let message = "open \(path): \(String(cString: sqlite3_errmsg(opened)))"
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: message, path: path)
        }
        handle = opened
        self.path = path
        setBusyTimeout(busyTimeout)
        _ = csqlite_set_trusted_schema(handle, 0)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Settings of the whole process, made once, before the first database is opened. A refusal costs speed
    /// only.
    private static let processSettings: Void = { _ = csqlite_disable_memory_statistics() }()

    /// How long a statement waits for another program's lock.
    func setBusyTimeout(_ timeout: Duration) {
        sqlite3_busy_timeout(handle, Int32(clamping: timeout.milliseconds))
    }

    /// How much of the file is kept in memory.
    func setCacheSize(kibibytes: Int) throws(SQLiteError) {
        try prepare(text: "PRAGMA cache_size = -\(kibibytes)").run()
    }

    /// From which size on a commit copies the write-ahead log into the database
    /// (sqlite.org/pragma.html#pragma_wal_autocheckpoint); never less than SQLite's own 1,000 pages.
    func setCheckpointSize(bytes: Int) throws(SQLiteError) {
        let pageSize = try prepare("PRAGMA page_size")
        guard try pageSize.step() else { return }
        let pages = max(1000, bytes / max(512, Int(pageSize.integer(0))))
        pageSize.reset()
        sqlite3_wal_autocheckpoint(handle, Int32(clamping: pages))
    }

    /// Compiles one statement. SQL is a literal; values are bound.
    func prepare(_ sql: StaticString) throws(SQLiteError) -> Statement {
        try prepare(text: sql.description)
    }

    /// Compiles SQL that was put together from literals and quoted column names only.
    func prepare(text sql: String) throws(SQLiteError) -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw lastError("prepare", code: code) }
        return Statement(handle: statement, database: self)
    }

    /// Runs statements that bind nothing and return nothing.
    func execute(_ sql: StaticString) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql.description, nil, nil, nil)
        guard code == SQLITE_OK else { throw lastError("execute", code: code) }
    }

    /// Rows changed by the last statement.
    var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Where the last INSERT put its row.
    var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open: some errors end it by themselves.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs `body` in a write transaction that takes the write lock at once: a deferred one that reads
    /// first and writes later can fail with SQLITE_BUSY_SNAPSHOT whatever the busy timeout.
    ///
    /// What is written into a file that was deleted or replaced meanwhile is as good as lost, and only
    /// stat(2) tells. So it fails, before as after the commit.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN IMMEDIATE")
        do {
            try requireUnmoved()
            let value = try body()
            try execute("COMMIT")
            try requireUnmoved()
            return value
        } catch {
            // After some errors (disk full, I/O) SQLite has rolled back by itself.
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` over one view of the database: one lock for all that it reads, not one a statement.
    func reading<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN")
        defer { if isInTransaction { try? execute("COMMIT") } }
        return try body()
    }

    private func requireUnmoved() throws(SQLiteError) {
        var hasMoved: Int32 = 0
        let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        guard code == SQLITE_OK, hasMoved != 0 else { return }
        throw SQLiteError(
            code: SQLiteError.moved, message: "write \(path): the open file has this name no more",
            path: path)
    }

    /// Runs `body` in a write transaction and takes back all that it did.
    func rehearsal<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN IMMEDIATE")
        defer { if isInTransaction { try? execute("ROLLBACK") } }
        return try body()
    }

    /// The error of the call that has just failed, in SQLite's words.
    func lastError(_ action: String, code: Int32) -> SQLiteError {
        SQLiteError(
            code: code, message: "\(action) on \(path): \(String(cString: sqlite3_errmsg(handle)))",
            path: path)
    }
}
