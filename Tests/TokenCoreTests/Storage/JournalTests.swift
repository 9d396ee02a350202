import Foundation
import Testing

@testable import TokenCore

struct JournalTests {
    private static let now = Date(timeIntervalSince1970: 1_795_348_800)

    @Test func `passes over named users don't push the last whole ones out`() async throws {
        let database = try ScratchDatabase()
        let store = try database.store()
        let end = { (runID: String, code: Int, summary: String) in
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
}
