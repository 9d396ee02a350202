import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

/// A canary in every field that holds a secret, and no command that sings.
struct TeamsTokenSecrecyTests {
    private static let canary = "CANARY0secret"

    @Test(arguments: [
        ["list"], ["list", "--csv"], ["list", "--json"], ["list", "--needs-reauth"],
        ["show", "7", "8", "9"], ["show", "7", "8", "9", "--json"], ["status", "7", "8", "9"],
        ["status", "7", "8", "9", "--test-api", "--refresh"], ["history"], ["history", "--json"],
        ["health"], ["health", "--json"], ["doctor"],
        ["doctor", "--json", "--online"],
        ["refresh", "7", "8", "9", "-v", "-v"], ["refresh", "--all", "--json"], ["init"],
        ["list", "--database", "/"], ["show", "CANARY"], ["login", "7"], ["login", "9", "--json"],
        ["remove", "7", "8", "9", "--yes"], ["remove", "7", "--json"],
    ])
    func `no token and no secret is printed`(arguments: [String]) async throws {
        try await Installation.withSandbox { sandbox, original in
            var installation = original
            installation.environment["TEAMS_CLIENT_SECRET"] = Self.canary
            installation.environment["TEAMS_LOG_FILE"] = installation.directory.file("log")
            installation.environment["TEAMS_LOG_LEVEL"] = "trace"
            // A JWT whose signature is the canary; opaque ones; one that no request can carry.
            let claims = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0."
            let refresh = Sandbox.refreshToken(user: "7") + Self.canary
            try installation.insert(
                user: "7", expiresAt: .integer(4_000_000_000), accessToken: claims + Self.canary,
                refreshToken: refresh)
            try installation.insert(
                user: "8", expiresAt: .integer(1), accessToken: Self.canary,
                refreshToken: Self.canary)
            try installation.insert(
                user: "9", expiresAt: .text("never"), accessToken: Self.canary + "\n",
                refreshToken: Self.canary + "\u{1B}")
            _ = try await installation.teamsToken("refresh", "--all")
            let result = try await installation.program("teams-token").run(arguments)
            let log =
                (try? String(contentsOfFile: installation.directory.file("log"), encoding: .utf8))
                ?? ""
            for text in [result.standardOutput, result.standardError, log] {
                #expect(!text.contains(Self.canary))
                #expect(!text.contains(claims))
            }
            #expect(!result.standardError.isEmpty || result.exitCode == 0)
        }
    }
}
