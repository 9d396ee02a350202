import FoundationEssentials
import Glibc
import Testing

@testable import TokenCore

@Suite struct DatabaseTests {
    private let directory: ScratchDirectory
    private let database: Database

    init() throws {
        directory = try ScratchDirectory()
        database = try Database(
            path: "\(directory.path)/test.sqlite3", mode: .create, busyTimeout: .milliseconds(20))
        try database.execute("PRAGMA synchronous = OFF; CREATE TABLE t (a, b TEXT UNIQUE)")
    }

    private func other(_ mode: Database.Mode = .readWrite, patience: Duration = .zero) throws
        -> Database
    {
        try Database(path: database.path, mode: mode, busyTimeout: patience)
    }

    @Test(arguments: [
        SQLiteValue.null, .integer(0), .integer(.min), .integer(.max), .real(0.5), .real(-1e300),
        .real(.infinity), .text(""), .text("é 🙂"), .text("with\0NUL\0"), .text("' OR 1=1 --"),
        .blob([]),
        .blob([0, 255, 0]), .unreadableText([0x66, 0xFC, 0x72]), .unreadableText([0xC0, 0x80]),
        .unreadableText([0xED, 0xA0, 0x80]),
    ])
    func `every value comes back as it was bound`(_ value: SQLiteValue) throws {
        try database.prepare("INSERT INTO t (a) VALUES (?1)").bind(value).run()
        let read = try database.prepare("SELECT a FROM t")
        #expect(try read.step())
        #expect(read.value(0) == value)
        #expect(read.isNull(0) == (value == .null))
        // It also finds itself again.
        let found = try database.prepare("SELECT count(*) FROM t WHERE a IS ?1").bind(value)
        #expect(try found.step())
        #expect(found.integer(0) == 1)
    }

    @Test func `a megabyte of text too`() throws {
        try `every value comes back as it was bound`(
            .text(String(repeating: "x", count: 1_000_000)))
    }

    @Test func `text that is not UTF-8 is repaired where text is asked for`() throws {
        let read = try database.prepare("SELECT CAST(X'66FC72' AS TEXT), CAST(X'61006200' AS TEXT)")
        #expect(try read.step())
        #expect(read.text(0) == "f\u{FFFD}r")
        #expect(read.text(1) == "a\0b\0")
    }

    @Test func `a real number that is no number is NULL`() throws {
        let read = try database.prepare("SELECT ?1").bind(.real(.nan))
        #expect(try read.step())
        #expect(read.value(0) == .null)
    }

    @Test func `an error never holds a bound value`() throws {
        let canary = "canary-secret"
        let insert = try database.prepare("INSERT INTO t (a, b) VALUES (?1, ?2)")
        try insert.bind(.integer(1), .text(canary)).run()
        let twice = #expect(throws: SQLiteError.self) {
            try insert.bind(.integer(2), .text(canary)).run()
        }
        #expect(twice?.concernsOneRow == true)
        let error = try #require(twice)
        #expect(error.message.contains("UNIQUE"))
        for text in [error.message, error.description, "\(error)", "\(StoreError(error))"] {
            #expect(!text.contains(canary))
        }
        let json = #expect(throws: SQLiteError.self) {
            try database.prepare("SELECT json(?1)").bind(.text(canary)).run()
        }
        #expect(json?.description.contains(canary) == false)
    }

    @Test func `a statement can be used again after an error`() throws {
        let insert = try database.prepare("INSERT INTO t (a, b) VALUES (?1, ?2)")
        for _ in 1...3 {
            try insert.bind(.integer(1), .text("x")).run()
            #expect(throws: SQLiteError.self) { try insert.bind(.integer(2), .text("x")).run() }
            try database.execute("DELETE FROM t")
        }
        try insert.bind(.integer(3), .null).run()
        #expect(database.changes == 1)
    }

    @Test func `bad SQL and surplus values are errors`() throws {
        #expect(throws: SQLiteError.self) { try database.prepare("SELECT nothing FROM nowhere") }
        #expect(throws: SQLiteError.self) { try database.prepare("") }
        #expect(throws: SQLiteError.self) { try database.execute("NONSENSE") }
        #expect(throws: SQLiteError.self) {
            try database.prepare("SELECT ?1").bind(.integer(1), .integer(2))
        }
        // And none of them spoils the connection.
        try database.prepare("SELECT ?1").bind(.integer(1)).run()
    }

    @Test func `a lock held by another is waited for, and not for ever`() throws {
        let holder = try other()
        try holder.execute("BEGIN IMMEDIATE")
        let patient = try other(patience: .milliseconds(250))
        let clock = ContinuousClock()
        let start = clock.now
        let error = #expect(throws: SQLiteError.self) { try patient.execute("BEGIN IMMEDIATE") }
        #expect(clock.now - start >= .milliseconds(200))
        #expect(error?.isBusy == true)
        try holder.execute("COMMIT")
        try patient.execute("BEGIN IMMEDIATE")
    }

    @Test func `a transaction is whole or not at all`() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1, 'x')")
                throw Stop()
            }
        }
        #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1, 'x')")
                try database.execute("INSERT OR ROLLBACK INTO t VALUES (2, 'x')")
            }
        }
        let count = try database.prepare("SELECT count(*) FROM t")
        #expect(try count.step())
        #expect(count.integer(0) == 0)
        count.reset()
        let value = try database.transaction {
            try database.execute("INSERT INTO t VALUES (1, 'x')")
            return 42
        }
        #expect(value == 42)
        #expect(try count.step())
        #expect(count.integer(0) == 1)
    }

    @Test func `a read that was ended early holds no lock`() throws {
        try database.execute("INSERT INTO t VALUES (1, 'x'), (2, 'y')")
        let read = try other(.readOnly).prepare("SELECT a FROM t")
        #expect(try read.step())
        #expect(throws: SQLiteError.self) { try database.execute("INSERT INTO t VALUES (3, 'z')") }
        read.reset()
        try database.execute("INSERT INTO t VALUES (3, 'z')")
        // So does one that came to its end.
        #expect(try read.step() && read.step() && read.step() && !read.step())
        try database.execute("INSERT INTO t VALUES (4, 'w')")
    }

    @Test func `a statement keeps its connection open`() throws {
        var other: Database? = try other()
        let statement = try #require(try other?.prepare("SELECT 1"))
        other = nil
        #expect(try statement.step())
    }

    @Test func `only the mode that creates creates`() throws {
        let missing = "\(directory.path)/missing.sqlite3"
        for mode in [Database.Mode.readOnly, .readWrite] {
            let error = #expect(throws: SQLiteError.self) {
                try Database(path: missing, mode: mode, busyTimeout: .zero)
            }
            #expect(error?.isCannotOpen == true)
            #expect(error?.message.contains(missing) == true)
        }
        #expect(!FilePaths.exists(missing))
        let readOnly = try other(.readOnly)
        let error = #expect(throws: SQLiteError.self) { try readOnly.execute("DELETE FROM t") }
        #expect(error?.isReadOnly == true)
    }

    @Test func `the schema of a stranger is not trusted`() throws {
        let read = try database.prepare("PRAGMA trusted_schema")
        #expect(try read.step())
        #expect(read.integer(0) == 0)
    }

    @Test func `a damaged file is called so`() throws {
        let path = try directory.write(Array(repeating: 0x41, count: 4096), to: "damaged")
        let damaged = try Database(path: path, mode: .readWrite, busyTimeout: .zero)
        let error = #expect(throws: SQLiteError.self) {
            try damaged.execute("SELECT * FROM sqlite_master")
        }
        #expect(error?.isCorrupt == true)
    }
}
