import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenShowTests {
    private static let fixedExpiry = SQLiteValue.text("2096-10-02T07:06:40Z")
    /// {"alg":"none"} and {"sub":"7","exp":4000000000,"scp":"User.Read","amr":["pwd","mfa"]}
    private static let token =
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3IiwiZXhwIjo0MDAwMDAwMDAwLCJzY3AiOiJVc2VyLlJlYWQiLCJhbXIiOlsicHdkIiwibWZhIl19.c2lnbmF0dXJl"

    @Test func `a healthy connection is told at length, its claims marked unverified`() async throws
    {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: Self.fixedExpiry, accessToken: Self.token, refreshToken: "refresh"
        )
        try installation.execute(
            "UPDATE oauth_tokens SET created_at = '2026-11-22 12:00:00', updated_at = '2026-11-22 13:00:00'"
        )
        let result = try await installation.teamsToken("show", "7")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        let days = Int(Date(timeIntervalSince1970: 4_000_000_000).timeIntervalSinceNow / 86_400)
        try Snapshot.expect(
            result.standardOutput, is: "show", replacing: [("in \(days) days", with: "in N days")])
    }

    @Test func `claims keep their types in JSON`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: Self.fixedExpiry, accessToken: Self.token, refreshToken: "refresh"
        )
        let rows =
            try await installation.teamsToken("show", "7", "--json").json["connections"]
            as? [[String: Any]]
        let claims = try #require(rows?.first?["claims_unverified"] as? [String: Any])
        #expect(claims["exp"] as? Int == 4_000_000_000)
        #expect(claims["amr"] as? [String] == ["pwd", "mfa"])
        #expect(rows?.first?["access_token_form"] as? String == "jwt")
        #expect(rows?.first?["expires_at_stored"] as? String == "2096-10-02T07:06:40Z")
    }

    @Test func `a failure is told with its codes, who must act and what helps`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 600)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            _ = try await installation.teamsToken("refresh", "7")
            let text = try await installation.teamsToken("show", "7").standardOutput
            for part in [
                "state           needs sign-in", "error           invalid_grant, bad_token",
                "codes           AADSTS50173", "correlation ID  ", "who             the user",
                "next attempt    never with this refresh token", "HTTP status     400",
                "remedy          let user 7 sign in",
            ] { #expect(text.contains(part), "\(part)") }
            let rows =
                try await installation.teamsToken("show", "7", "--json").json["connections"]
                as? [[String: Any]]
            #expect((rows?.first?["correlation_id"] as? String)?.count == 36)
            #expect(rows?.first?["who"] as? String == "user")
        }
    }

    @Test func `an opaque token has no claims`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: Self.fixedExpiry, accessToken: "EwBopaque",
            refreshToken: "refresh")
        let result = try await installation.teamsToken("show", "7")
        #expect(result.standardOutput.contains("access token   opaque, 9 characters"))
        #expect(!result.standardOutput.contains("claims"))
    }

    @Test func `an unknown user is answered with the nearest one`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "meier", expiresIn: 600)
        let result = try await installation.teamsToken("show", "maier")
        #expect(result.exitCode == 64)
        #expect(result.standardOutput == "")
        #expect(
            result.standardError
                == "teams-token: USAGE (64): no connection of user maier\n  hint: did you mean meier?\n"
        )
    }

    @Test func `007 is not user 7`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        #expect(try await installation.teamsToken("show", "007").exitCode == 64)
    }
}
