import Foundation
import Testing

@testable import TokenCore

struct JournalTests {
    private static let now = Date(timeIntervalSince1970: 1_795_348_800)

    @Test func `passes over named users don't push the last whole ones out`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        let end = { (runID: String, code: Int32, summary: String) in
            try await store.beginPass(runID, at: Self.now)
            try await store.endPass(
                runID, startedAt: Self.now, finishedAt: Self.now, exitCode: code, summary: summary)
        }
        try await end("good", 0, "{}")
        try await end("bad", 78, #"{"due":1}"#)
        for number in 1...1010 {
            try await end("named-\(number)", 0, #"{"due":1,"partial":true}"#)
        }
        let passes = try await store.wholePasses()
        #expect(passes.lastFinished?.runID == "bad")
        #expect(passes.lastSuccess?.runID == "good")
        #expect(passes.last?.runID == "bad")
        #expect(try database.value("SELECT count(*) FROM maintain_teams_passes") == .integer(1002))
    }

    @Test func `a pass that was begun is known to be one over named users`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        try await store.beginPass("whole", at: Self.now)
        try await store.beginPass("named", at: Self.now, summary: JournalEntry.partialSummary)
        #expect(try await store.wholePasses().last?.runID == "whole")
    }

    @Test func `a pass that had nothing to do is noted beside the database, without a commit`()
        async throws
    {
        let database = try ScratchDatabase()
        let store = try database.store()
        try await end(store, "worked", begun: true)
        let version = try database.value("PRAGMA data_version")
        let changes = try Data(contentsOf: URL(filePath: database.path))
        try await end(store, "idle-1")
        try await end(store, "idle-2", code: 10)
        try await end(store, "named", summary: JournalEntry.partialSummary)
        #expect(try Data(contentsOf: URL(filePath: database.path)) == changes)
        #expect(try database.value("PRAGMA data_version") == version)
        // Another process reads it the same way.
        let reader = try database.store(readOnly: true)
        #expect(
            try await reader.journal(limit: 10).map(\.runID)
                == ["named", "idle-2", "idle-1", "worked"])
        #expect(try await reader.journal(limit: 2).map(\.runID) == ["named", "idle-2"])
        let passes = try await reader.wholePasses()
        #expect(passes.last?.runID == "idle-2")
        #expect(passes.lastFinished?.exitCode == 10)
        #expect(passes.lastSuccess?.runID == "idle-2")
        #expect(passes.firstStartedAt == Self.now)
    }

    @Test func `the next pass that works takes the noted ones over, once and in order`()
        async throws
    {
        let database = try ScratchDatabase()
        let store = try database.store()
        try await end(store, "idle-1")
        try await end(store, "idle-2")
        let notes = try database.directory.bytes(of: name)
        let next = try database.store()
        try await next.beginPass("worked", at: Self.now + 900)
        #expect(!database.directory.names.contains(name))
        // Killed before it discarded them.
        try database.directory.write(notes, to: name)
        #expect(
            try await next.journal(limit: 10).map(\.runID) == ["worked", "idle-2", "idle-1"])
        try await next.endPass(
            "worked", startedAt: Self.now + 900, finishedAt: Self.now + 901, exitCode: 0,
            summary: "{}")
        #expect(!database.directory.names.contains(name))
        let kept = try database.rows(
            "SELECT run_id FROM maintain_teams_passes ORDER BY id", columns: 1)
        #expect(kept == [["idle-1"], ["idle-2"], ["worked"]])
    }

    @Test func `notes that fill their file go into the database`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        let summary = #"{"x":""# + String(repeating: "x", count: 9000) + #""}"#
        for number in 1...12 { try await end(store, "idle-\(number)", summary: summary) }
        #expect(try await store.journal(limit: 100).count == 12)
        let size = try database.directory.bytes(of: name).count
        #expect(size <= IdleJournal.capacity)
        #expect(try database.value("SELECT count(*) FROM maintain_teams_passes") == 8)
    }

    @Test func `a line that was cut is none, and a file that can't be written is done without`()
        async throws
    {
        let database = try ScratchDatabase()
        let store = try database.store()
        try await end(store, "idle")
        let notes = try database.directory.bytes(of: name)
        try database.directory.write(notes + notes.dropLast(10), to: name)
        #expect(try await store.journal(limit: 10).map(\.runID) == ["idle"])
        try FileManager.default.removeItem(atPath: database.path + ".maintain-teams.idle")
        try FileManager.default.createDirectory(
            atPath: database.path + ".maintain-teams.idle", withIntermediateDirectories: false)
        try await end(store, "another")
        #expect(try await store.journal(limit: 10).map(\.runID) == ["another"])
    }

    @Test(arguments: [
        "x\tinf\tinf\t0\t{}", "x\t1e300\t1\t0\t{}", "x\tnan\t1\t0\t{}", "x\t-5\t1\t0\t{}",
        "x\t1\t99999999999999999\t0\t{}", "x\t1\t2\t99999999999\t{}", "x\t1\t2\t0", "\u{1B}",
    ])
    func `a line that nobody wrote is none`(line: String) async throws {
        let database = try ScratchDatabase()
        try database.directory.write(Array("\(line)\n".utf8), to: name)
        let store = try database.store()
        #expect(try await store.journal(limit: 10).isEmpty)
        #expect(try await store.wholePasses().last == nil)
        try await end(store, "worked", begun: true)
        #expect(try await store.journal(limit: 10).map(\.runID) == ["worked"])
    }

    @Test func `notes that could not be discarded don't hide what came after them`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        try await end(store, "idle")
        let notes = try database.directory.bytes(of: name)
        try await store.beginPass("failed", at: Self.now + 900)
        try await store.endPass(
            "failed", startedAt: Self.now + 900, finishedAt: Self.now + 901, exitCode: 78,
            summary: "{}")
        try database.directory.write(notes, to: name)
        let passes = try await store.wholePasses()
        #expect(passes.last?.runID == "failed")
        #expect(passes.lastFinished?.exitCode == 78)
        #expect(passes.lastSuccess?.runID == "idle")
    }

    @Test func `it takes the access of the database`() async throws {
        let database = try ScratchDatabase()
        chmod(database.path, 0o660)
        let store = try database.store()
        try await end(store, "idle")
        #expect(try FileStatus(path: database.path + ".maintain-teams.idle").permissions == 0o660)
    }

    private func end(
        _ store: TokenStore, _ runID: String, begun: Bool = false, code: Int32 = 0,
        summary: String = "{}"
    ) async throws {
        if begun { try await store.beginPass(runID, at: Self.now) }
        try await store.endPass(
            runID, startedAt: Self.now, finishedAt: Self.now, exitCode: code, summary: summary)
    }

    private let name = "teams.sqlite3.maintain-teams.idle"
}
