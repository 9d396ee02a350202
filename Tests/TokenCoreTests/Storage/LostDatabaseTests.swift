/// A database that is not there any more for those who write: another holds it, or it has another file.

import FoundationEssentials
import Glibc
import Testing

@testable import TokenCore

struct LostDatabaseTests {
    static let now = Date("2026-11-22T12:00:00")

    /// With a rollback journal FULL may lose the last commit in a power failure (sqlite.org/pragma.html).
    @Test(arguments: ["WAL", "DELETE"])
    func `commits are synced as far as SQLite can`(_ journal: String) async throws {
        let store = try ScratchDatabase(journal: journal).store()
        #expect(try await store.pragma("PRAGMA synchronous") == 3)
    }

    @Test func `who has waited for a lock in vain waits no more`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store(busyTimeout: .milliseconds(30))
        #expect(try await store.pragma("PRAGMA busy_timeout") == 30)
        try database.run("BEGIN IMMEDIATE")
        await #expect(throws: StoreError.self) { try await store.beginPass("run", at: Self.now) }
        #expect(try await store.pragma("PRAGMA busy_timeout") == 0)
        try database.run("ROLLBACK")
        try await store.beginPass("run", at: Self.now)
    }

    @Test(arguments: ["WAL", "DELETE"], [true, false])
    func `a file that was deleted or replaced since it was opened takes no writes`(
        _ journal: String, _ isReplaced: Bool
    ) async throws {
        let database = try ScratchDatabase(journal: journal)
        let store = try database.store()
        try await store.beginPass("first", at: Self.now)
        if isReplaced {
            let other = try ScratchDatabase(journal: "DELETE")
            rename(other.path, database.path)
        } else {
            unlink(database.path)
        }
        let error = await #expect(throws: StoreError.self) {
            try await store.beginPass("second", at: Self.now)
        }
        #expect(error?.hint?.contains("deleted or replaced") == true)
        #expect(error?.kind == .database)
    }
}

extension TokenStore {
    fileprivate func pragma(_ sql: String) throws -> SQLiteValue {
        let statement = try database.prepare(text: sql)
        defer { statement.reset() }
        return try statement.step() ? statement.value(0) : .null
    }
}
