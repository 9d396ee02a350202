/// A second program at the same database: what the application does meanwhile, and what a test wants to
/// see of it. Opens the file for each question, so that it holds no lock in between.

internal import CSQLite

public struct SQLiteFailure: Error {
    public let message: String
}

/// An open connection; closed with its owner.
public final class SQLiteSession {
    private let handle: OpaquePointer

    public init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw SQLiteFailure(message: "open \(path): \(code)")
        }
        handle = opened
        sqlite3_busy_timeout(opened, 10_000)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements and returns the rows of the last one; NULL is nil, everything else a text.
    @discardableResult
    public func query(_ sql: String, _ values: String?...) throws -> [[String?]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
            throw failure(sql)
        }
        defer { sqlite3_finalize(statement) }
        guard let statement else { return [] }
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            if let value {
                _ = csqlite_bind_text(statement, index, value, Int32(value.utf8.count))
            } else {
                sqlite3_bind_null(statement, index)
            }
        }
        var rows: [[String?]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows.append(
                    (0..<sqlite3_column_count(statement)).map { column in
                        sqlite3_column_text(statement, column).map { String(cString: $0) }
                    })
            case SQLITE_DONE: return rows
            default: throw failure(sql)
            }
        }
    }

    /// Runs a script of statements that bind nothing.
    public func execute(_ script: String) throws {
        guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else {
            throw failure(script)
        }
    }

    private func failure(_ sql: String) -> SQLiteFailure {
        SQLiteFailure(message: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
    }
}
