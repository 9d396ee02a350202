import Foundation
import TestSupport
import Testing

struct TeamsTokenHistoryTests {
    private static func journal() async throws -> Installation {
        try await Installation.withSandbox { _, installation in
            // The pass makes the tables; what it wrote gives way to fixed rows.
            _ = try await installation.teamsToken("refresh", "--all")
            try installation.forgetPasses()
            for row in [
                "'run-1', 1795348800, 1795348802, 0, '{\"connections\":140,\"fresh\":120,\"due\":20,\"refreshed\":20}'",
                "'run-2', 1795349700, 1795349703, 12, '{\"connections\":140,\"fresh\":120,\"due\":20,\"refreshed\":17,\"reauth_required\":1,\"transient\":2,\"novel\":1}'",
                "'run-3', 1795350600, 1795350600, 143, '{\"connections\":null,\"due\":0,\"refreshed\":0}'",
                "'run-4', 1795351500, NULL, NULL, NULL",
            ] {
                try installation.execute(
                    "INSERT INTO maintain_teams_passes (run_id, started_at, finished_at, exit_code, summary) VALUES (\(row))"
                )
            }
            return installation
        }
    }

    @Test func `the last passes are listed, the newest first`() async throws {
        let result = try await Self.journal().teamsToken("history")
        #expect(result.exitCode == 0)
        try Snapshot.expect(result.standardOutput, is: "history")
    }

    @Test func `JSON has every count`() async throws {
        let result = try await Self.journal().teamsToken("history", "--json", "--limit", "3")
        let passes = try #require(result.json["passes"] as? [[String: Any]])
        #expect(passes.map { $0["run_id"] as? String } == ["run-4", "run-3", "run-2"])
        #expect(passes[0]["exit_code"] is NSNull)
        #expect(passes[1]["result"] as? String == "interrupted")
        #expect((passes[2]["counts"] as? [String: Any])?["reauth_required"] as? Int == 1)
        #expect(passes[2]["duration_seconds"] as? Int == 3)
    }

    @Test func `before the first pass there is none`() async throws {
        let installation = try await Installation.initialized()
        #expect(try await installation.teamsToken("history").standardOutput == "no pass yet\n")
        #expect(
            try await installation.teamsToken("history", "--json").standardOutput
                == "{\"passes\":[]}\n")
    }
}
