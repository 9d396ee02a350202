import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenRefreshTests {
    @Test func `named users are refreshed whether due or not`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 5000)
            try installation.insert(user: "8", expiresIn: -60)
            let result = try await installation.teamsToken("refresh", "7")
            #expect(result.exitCode == 0)
            #expect(result.standardOutput == "")
            #expect(result.standardError == "")
            #expect(sandbox.generation(of: "7") == 1)
            #expect(sandbox.generation(of: "8") == 0)
            #expect(
                try installation.value("SELECT refresh_token FROM oauth_tokens WHERE user_id = 7")
                    == .text(Sandbox.refreshToken(user: "7", generation: 1)))
        }
    }

    @Test func `all means all that is due, with the report of a pass`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 5000)
            try installation.insert(user: "8", expiresIn: -60)
            let result = try await installation.teamsToken("refresh", "--all", "--json")
            #expect(result.exitCode == 0)
            #expect(result.json["program"] as? String == "teams-token")
            #expect((result.json["counts"] as? [String: Any])?["refreshed"] as? Int == 1)
            #expect(sandbox.generation(of: "7") == 0)
        }
    }

    @Test func `a row without a refresh token is no success`() async throws {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "7", expiresIn: 600, refreshToken: .some(nil))
            try installation.insert(user: "8", expiresIn: 600)
            let result = try await installation.teamsToken("refresh", "7", "8", "--json")
            #expect(result.exitCode == 10)
            #expect(
                result.firstErrorLine.hasPrefix(
                    "teams-token: REAUTH (10): user 7 must sign in again: the row holds no refresh token"
                ))
            let counts = try #require(result.json["counts"] as? [String: Int])
            #expect(counts["connections"] == 2)
            #expect(counts["due"] == 2)
            #expect(counts["refreshed"] == 1)
            #expect(counts["no_refresh_token"] == 0)
        }
    }

    @Test func `an unknown user is answered with the nearest one`() async throws {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "1007", expiresIn: 600)
            let result = try await installation.teamsToken("refresh", "107")
            #expect(result.exitCode == 64)
            #expect(
                result.standardError
                    == "teams-token: USAGE (64): no connection of user 107\n  hint: did you mean 1007?\n"
            )
        }
    }

    @Test func `it takes the pass's lock`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 600)
            let lock = try FileLock.acquire(
                FileLock.path(forDatabase: FilePaths.real(installation.databasePath)),
                like: FileStatus(path: installation.databasePath), holder: "maintain-teams, pid 1")
            let result = try await installation.teamsToken("refresh", "7")
            #expect(result.exitCode == 11)
            #expect(
                result.firstErrorLine.hasPrefix(
                    "teams-token: BUSY (11): another pass holds the lock (maintain-teams, pid 1)"))
            #expect(sandbox.requests.isEmpty)
            if case .acquired(let held) = lock { held.release() }
        }
    }

    @Test func `a report policy meant for cron does not silence it`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 600)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            var quiet = installation
            quiet.environment["TEAMS_REPORT"] = "change"
            let first = try await quiet.teamsToken("refresh", "7")
            let second = try await quiet.teamsToken("refresh", "7")
            #expect(first.standardError != "")
            #expect(first.firstErrorLine == second.firstErrorLine)
        }
    }

    @Test func `without a client it can't begin`() async throws {
        let installation = try await Installation.initialized()
        let result = try await installation.teamsToken("refresh", "--all")
        #expect(result.exitCode == 78)
        #expect(result.firstErrorLine.hasPrefix("teams-token: CONFIG (78): "))
    }

    @Test func `on a terminal it reports as a pass does`() async throws {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "7", expiresIn: 600)
            var runner = installation.program("teams-token")
            runner.output = .terminal(columns: 80)
            let result = try await runner.run("refresh", "7")
            #expect(result.exitCode == 0)
            #expect(result.standardOutput.contains("1 of 1 due refreshed"))
        }
    }

    @Test(arguments: [["refresh", "7"], ["status", "7", "--refresh"]])
    func `a signal lets what is in flight be stored`(arguments: [String]) async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.script(user: "7", faults: [Fault(.slow(milliseconds: 500))])
            let running = try installation.program("teams-token").start(arguments)
            await sandbox.waitForRequests(atLeast: 1)
            running.send(SIGTERM)
            let result = await running.ended()
            #expect(result.signal == SIGTERM)
            #expect(
                try installation.value("SELECT refresh_token FROM oauth_tokens")
                    == .text(Sandbox.refreshToken(user: "7", generation: 1)))
        }
    }
}
