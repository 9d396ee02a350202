/// The SQLite that this process runs with, which need not be the one it was built against.

internal import CSQLite

enum SQLiteLibrary {
    static var version: String { String(cString: sqlite3_libversion()) }
    static var versionNumber: Int { Int(sqlite3_libversion_number()) }
}
