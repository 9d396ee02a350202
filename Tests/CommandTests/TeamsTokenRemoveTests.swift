import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenRemoveTests {
    @Test func `row and state go, and others stay`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            for user in ["7", "8"] { try installation.insert(user: user, expiresIn: 600) }
            _ = try await installation.teamsToken("refresh", "7", "8")
            let result = try await installation.teamsToken("remove", "7", "--yes")
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            #expect(result.lines.first == "removed the connection of user 7")
            #expect(result.standardOutput.contains("Microsoft can't revoke one token."))
            #expect(result.lines.allSatisfy { $0.count <= 80 })
            #expect(
                try installation.value("SELECT group_concat(user_id) FROM oauth_tokens")
                    == .text("8"))
            #expect(
                try installation.value(
                    "SELECT group_concat(user_id) FROM maintain_teams_connections")
                    == .text("8"))
        }
    }

    @Test func `several go at once, or none`() async throws {
        let installation = try await Installation.initialized()
        for user in ["7", "8"] { try installation.insert(user: user, expiresIn: 600) }
        let refused = try await installation.teamsToken("remove", "7", "9", "--yes")
        #expect(refused.exitCode == 64)
        #expect(refused.firstErrorLine == "teams-token: USAGE (64): no connection of user 9")
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(2))
        let result = try await installation.teamsToken("remove", "7", "8", "--yes", "--json")
        #expect(
            result.standardOutput
                == #"{"removed":[{"user_id":7,"provider":"microsoft"},{"user_id":8,"provider":"microsoft"}],"warnings":[]}"#
                + "\n")
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
    }

    @Test func `without a terminal it must be confirmed beforehand`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        let result = try await installation.teamsToken("remove", "7")
        #expect(result.exitCode == 64)
        #expect(
            result.standardError == """
                teams-token: USAGE (64): without a terminal nobody can confirm the removal of the connection of user 7
                  hint: --yes confirms it beforehand

                """)
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(1))
    }

    @Test(arguments: [("y\n", 0), ("YES\n", 0), ("n\n", 64), ("\n", 64), ("\u{04}", 64)])
    func `on a terminal it asks`(answer: String, exitCode: Int32) async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        var program = installation.program("teams-token")
        program.input = .typed(answer)
        program.error = .terminal(columns: 80)
        let result = try await program.run("remove", "7")
        #expect(result.exitCode == exitCode)
        #expect(result.standardError.hasPrefix("Remove the connection of user 7? [y/N] "))
        #expect(
            try installation.value("SELECT count(*) FROM oauth_tokens")
                == .integer(exitCode == 0 ? 0 : 1))
    }

    @Test func `an answer that never comes leaves the question its line`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        var program = installation.program("teams-token")
        program.input = .typed("\u{4}")
        program.error = .terminal(columns: 80)
        let result = try await program.run("remove", "7")
        #expect(result.exitCode == 64)
        let lines = result.standardError.split { $0.isNewline }
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("Remove the connection of user 7? [y/N] ") == true)
        #expect(lines.last == "teams-token: USAGE (64): not confirmed: nothing was removed")
    }

    @Test(arguments: ["wal", "delete"])
    func `the tokens are in none of the files any more`(journal: String) async throws {
        let installation = try await Installation.initialized()
        try installation.execute("PRAGMA journal_mode = \(journal)")
        try installation.insert(
            user: "7", expiresAt: .text("2026-11-22 12:00:00"), accessToken: "CANARY-access",
            refreshToken: "CANARY-refresh")
        try installation.insert(user: "8", expiresIn: 600)
        // Whoever keeps the file open keeps the write-ahead log there.
        let other = try Database(
            path: installation.databasePath, mode: .readWrite, busyTimeout: .seconds(5))
        try other.execute("UPDATE oauth_tokens SET scope = 'x'")
        let names = ["teams.sqlite3", "teams.sqlite3-wal", "teams.sqlite3-journal"]
        let holdsCanary = {
            names.contains {
                String(decoding: installation.directory.contents($0) ?? [], as: UTF8.self).contains(
                    "CANARY")
            }
        }
        #expect(holdsCanary())
        let result = try await installation.teamsToken("remove", "7", "--yes")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(!holdsCanary())
        try other.execute("UPDATE oauth_tokens SET scope = 'y'")
    }

    @Test func `somebody who reads keeps the log, and that is said`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        let other = try Database(
            path: installation.databasePath, mode: .readWrite, busyTimeout: .seconds(5))
        try other.execute("BEGIN")
        let read = try other.prepare("SELECT * FROM oauth_tokens")
        _ = try read.step()
        let result = try await installation.teamsToken("remove", "7", "--yes", "--json")
        #expect(result.exitCode == 0)
        let warnings = try #require(result.json["warnings"] as? [String])
        try #require(warnings.count == 1)
        #expect(warnings[0].contains("its write-ahead log still holds the tokens"))
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
    }

    @Test func `a pass under way finds the row gone and stores nothing`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 60)
            sandbox.hold()
            let pass = try installation.program("maintain-teams").start(["--json"])
            await sandbox.waitForRequests(atLeast: 1)
            let removal = try await installation.teamsToken("remove", "7", "--yes")
            sandbox.release()
            let result = await pass.ended()
            #expect(removal.exitCode == 0)
            #expect(result.exitCode == 0)
            #expect((result.json["counts"] as? [String: Int])?["raced"] == 1)
            #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
            #expect(
                try installation.value("SELECT count(*) FROM maintain_teams_connections")
                    == .integer(0))
        }
    }

    @Test func `an answer that waits in the spool is told, and the next pass drops it`()
        async throws
    {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 60)
            let path = try FilePaths.real(installation.databasePath)
            let spool = try Spool.reserve(
                at: Spool.path(forDatabase: path, directory: nil), slots: 1,
                like: FileStatus(path: path))
            try spool.put(
                Spool.Record(
                    connection: ConnectionID(userID: .integer(7), provider: "microsoft"), rowID: 1,
                    sent: .ofToken(Secret(Sandbox.refreshToken(user: "7"))), requestedAt: Date(),
                    body: Array(#"{"access_token":"a","refresh_token":"r","expires_in":3600}"#.utf8)
                ),
                in: 0)
            let result = try await installation.teamsToken("remove", "7", "--yes", "--json")
            #expect(
                result.json["warnings"] as? [String] == [
                    "an answer for one of them waits in the spool; the next pass finds the row gone and drops it"
                ])
            #expect(try await installation.program("maintain-teams").run().exitCode == 0)
            #expect(!FilePaths.exists(Spool.path(forDatabase: path, directory: nil)))
            #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
        }
    }
}
