/// A prepared statement: bind, step, read, and again. Finalized when its owner lets go.

internal import CSQLite

/// What a column can hold, with SQLite's own types.
enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// Text that is not UTF-8: kept to the byte, so that it can be compared with itself.
    case unreadableText([UInt8])
    case blob([UInt8])
}

final class Statement {
    private let handle: OpaquePointer
    /// Keeps the connection open for as long as the statement lives.
    private let database: Database

    init(handle: OpaquePointer, database: Database) {
        self.handle = handle
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds values to `?1`, `?2`, … and rewinds.
    @discardableResult
    func bind(_ values: SQLiteValue...) throws(SQLiteError) -> Statement { try bind(values) }

    @discardableResult
    func bind(_ values: [SQLiteValue]) throws(SQLiteError) -> Statement {
        sqlite3_reset(handle)
        for (offset, value) in values.enumerated() { try bind(value, at: Int32(offset + 1)) }
        return self
    }

    private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
        let code: Int32 =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let number): sqlite3_bind_int64(handle, index, number)
            case .real(let number): sqlite3_bind_double(handle, index, number)
            case .text(let text): bindText(text, at: index)
            case .unreadableText(let bytes):
                bytes.withUnsafeBufferPointer { bindText($0, at: index) }
            case .blob(let bytes):
                bytes.withUnsafeBytes { buffer in
                    // A null pointer would bind NULL instead of an empty blob.
                    csqlite_bind_blob(
                        handle, index, buffer.baseAddress ?? UnsafeRawPointer(handle),
                        Int32(buffer.count))
                }
            }
        guard code == SQLITE_OK else { throw database.lastError("bind", code: code) }
    }

    private func bindText(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bindText($0, at: index) }
    }

    private func bindText(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int32) -> Int32 {
        bytes.withMemoryRebound(to: CChar.self) { characters in
            guard let start = characters.baseAddress else {
                return csqlite_bind_text(handle, index, "", 0)
            }
            return csqlite_bind_text(handle, index, start, Int32(characters.count))
        }
    }

    /// Moves to the next row.
    /// - Returns: false when there is none; the statement is then rewound and holds no lock.
    func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else {
            let error = database.lastError("execute", code: code)
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
        return false
    }

    /// Runs a statement whose rows don't matter.
    func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ends a read early, which frees its lock on the database.
    func reset() { sqlite3_reset(handle) }

    func value(_ column: Int32) -> SQLiteValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: textValue(column)
        case SQLITE_BLOB: .blob(blob(column))
        default: .null
        }
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// The column as text; bytes that are not UTF-8 are repaired.
    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func textValue(_ column: Int32) -> SQLiteValue {
        guard let start = sqlite3_column_text(handle, column) else { return .text("") }
        let count = Int(sqlite3_column_bytes(handle, column))
        let bytes = UnsafeBufferPointer(start: start, count: count)
        return String(utf8: bytes).map(SQLiteValue.text) ?? .unreadableText(Array(bytes))
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
