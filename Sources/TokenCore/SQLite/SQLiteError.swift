/// A refusal by SQLite: its extended code and its own words, copied before the next call.

internal import CSQLite

public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Extended result code, see sqlite.org/rescode.html.
    public let code: Int32
    /// What was tried, on what, and SQLite's own words. Never a bound value.
    public let message: String
    /// Of the database, for a command that looks at it.
    let path: String

    init(code: Int32, message: String, path: String = "") {
        self.code = code
        self.message = message
        self.path = path
    }

    /// Another connection holds the database, beyond our patience.
    public var isBusy: Bool { primary == SQLITE_BUSY || primary == SQLITE_LOCKED }
    /// The file was deleted or replaced since it was opened.
    public var isMoved: Bool { code == Self.moved }
    public var isReadOnly: Bool { primary == SQLITE_READONLY }
    public var isFull: Bool { primary == SQLITE_FULL }
    public var isCorrupt: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }
    public var isInputOutput: Bool { primary == SQLITE_IOERR }
    public var isCannotOpen: Bool { primary == SQLITE_CANTOPEN }

    /// The statement and the schema don't fit: a missing table or column.
    public var isOfSQL: Bool { primary == SQLITE_ERROR }

    /// A value breaks a rule of the schema (a CHECK, a trigger, a type): another row may do better.
    public var concernsOneRow: Bool {
        primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG
    }

    /// `SQLITE_READONLY_DBMOVED`, a macro that Swift can't import.
    static let moved = SQLITE_READONLY | 4 << 8

    private var primary: Int32 { code & 0xFF }

    public var description: String { "\(message) (SQLite \(code))" }
}
