import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenStatusTests {
    @Test func `a live token is connected, and its time is told as it is stored`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: .text("2096-10-02 07:06:40"), accessToken: "a", refreshToken: "r")
        try installation.insert(
            user: "8", expiresAt: .integer(4_000_000_000), accessToken: "a", refreshToken: "r")
        let result = try await installation.teamsToken("status", "7")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(
            result.standardOutput == """
                {"status":"connected","expires_at":"2096-10-02 07:06:40","user_id":7,"provider":"microsoft","needs_reauthentication":false,"who":null,"reason":null,"remedy":null}

                """)
        #expect(
            try await installation.teamsToken("status", "8").json["expires_at"] as? Int
                == 4_000_000_000)
    }

    @Test func `an expired token that can be refreshed is 75`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: -60)
        let result = try await installation.teamsToken("status", "7")
        #expect(result.exitCode == 75)
        #expect(result.json["status"] as? String == "expired")
        #expect(
            result.firstErrorLine.hasPrefix(
                "teams-token: TRANSIENT (75): user 7: the access token has expired; "))
    }

    @Test func `a user without a row is disconnected and 64`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        let result = try await installation.teamsToken("status", "77", "--test-api")
        #expect(result.exitCode == 64)
        #expect(result.json["status"] as? String == "disconnected")
        #expect(result.json["user_id"] as? Int == 77)
        #expect(result.json["api_accessible"] as? Bool == false)
        #expect(
            result.standardError
                == "teams-token: USAGE (64): no connection of user 77; did you mean 7?\n")
    }

    @Test func `a row that can't be read is an error with a message`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: .text("tomorrow"), accessToken: "a", refreshToken: "r")
        let result = try await installation.teamsToken("status", "7")
        #expect(result.exitCode == 75)
        #expect(result.json["status"] as? String == "error")
        #expect(
            result.json["message"] as? String == "expires_at or user_id of this row can't be read")
    }

    @Test func `a connection that cannot live on by itself needs a person`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600, refreshToken: .some(nil))
        let result = try await installation.teamsToken("status", "7")
        #expect(result.exitCode == 10)
        #expect(result.json["status"] as? String == "connected")
        #expect(result.json["needs_reauthentication"] as? Bool == true)
        #expect(result.json["who"] as? String == "user")
    }

    @Test func `several users are an array in their order, and the gravest counts`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        try installation.insert(user: "8", expiresIn: -600)
        try installation.insert(user: "9", expiresIn: -600, refreshToken: .some(nil))
        let result = try await installation.teamsToken("status", "8", "7", "8", "9")
        #expect(result.jsonArray.map { $0["user_id"] as? Int } == [8, 7, 9])
        #expect(result.exitCode == 12)
        #expect(
            result.firstErrorLine
                == "teams-token: REAUTH+TRANSIENT (12): 2 of 3 connections need attention")
        #expect(try await installation.teamsToken("status", "8", "70").exitCode == 64)
    }

    @Test func `a failure of the whole command has the same form`() async throws {
        let installation = try Installation()
        let result = try await installation.teamsToken("status", "7", "--json")
        #expect(result.exitCode == 74)
        #expect(result.json["status"] as? String == "error")
        #expect(result.json["message"] as? String == "no database at \(installation.databasePath)")
        #expect(result.json["user_id"] as? Int == 7)
    }

    @Test func `asking changes nothing and sends nothing`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            let before = try installation.value(
                "SELECT access_token || refresh_token || expires_at FROM oauth_tokens")
            #expect(try await installation.teamsToken("status", "7").exitCode == 75)
            #expect(
                try installation.value(
                    "SELECT access_token || refresh_token || expires_at FROM oauth_tokens")
                    == before)
            #expect(sandbox.requests.isEmpty)
        }
    }

    @Test func `with a wish for it, what is due is refreshed first`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            let result = try await installation.teamsToken("status", "7", "--refresh", "--test-api")
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            #expect(result.json["status"] as? String == "connected")
            #expect(result.json["api_accessible"] as? Bool == true)
            #expect(sandbox.generation(of: "7") == 1)
            // Fresh now: asked again, it is left alone.
            #expect(try await installation.teamsToken("status", "7", "--refresh").exitCode == 0)
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test func `a refused refresh tells who must act`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            let result = try await installation.teamsToken("status", "7", "--refresh")
            #expect(result.exitCode == 10)
            #expect(result.json["status"] as? String == "expired")
            #expect(result.json["needs_reauthentication"] as? Bool == true)
            #expect(result.firstErrorLine.hasPrefix("teams-token: REAUTH (10): user 7: "))
            #expect(result.standardError.split(separator: "\n").count == 1)
        }
    }

    @Test func `a refused application is the configuration's fault`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            var wrong = installation
            wrong.environment["TEAMS_CLIENT_SECRET"] = "wrong"
            let result = try await wrong.teamsToken("status", "7", "--refresh")
            #expect(result.exitCode == 78)
            #expect(result.json["status"] as? String == "expired")
            #expect(result.json["who"] as? String == "application_owner")
        }
    }

    @Test func `a token that is not accepted is replaced only by wish`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(
                user: "7", expiresAt: .integer(4_000_000_000), accessToken: "a.b.c",
                refreshToken: Sandbox.refreshToken(user: "7"))
            let asked = try await installation.teamsToken("status", "7", "--test-api")
            #expect(asked.exitCode == 75)
            #expect(asked.json["status"] as? String == "connected")
            #expect(asked.json["api_accessible"] as? Bool == false)
            #expect(sandbox.generation(of: "7") == 0)
            let mended = try await installation.teamsToken("status", "7", "--test-api", "--refresh")
            #expect(mended.exitCode == 0)
            #expect(mended.json["api_accessible"] as? Bool == true)
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test(arguments: [(403, Int32(0)), (404, 0), (429, 75), (503, 75)])
    func `what Graph says beside 401 is told`(status: Int, code: Int32) async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 5000)
            sandbox.script(user: "7", faults: [Fault(.status(status), endpoint: .graph)])
            let result = try await installation.teamsToken("status", "7", "--test-api")
            #expect(result.exitCode == code)
            #expect(result.json["api_accessible"] as? Bool == false)
            #expect(result.json["reason"] is String)
        }
    }

    @Test func `a throttled client is not asked again by who asks for the status`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.script(user: "7", faults: [Fault(.status(429, retryAfter: .seconds(3000)))])
            let first = try await installation.teamsToken("status", "7", "--refresh")
            #expect(first.exitCode == 75)
            let sent = sandbox.requests.count
            let second = try await installation.teamsToken("status", "7", "--refresh")
            #expect(second.exitCode == 75)
            #expect(second.json["status"] as? String == "expired")
            #expect(sandbox.requests.count == sent)
        }
    }

    @Test func `a live token outweighs a refresh that failed`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 600)
            sandbox.script(user: "7", faults: [Fault(.status(429, retryAfter: .seconds(3000)))])
            let result = try await installation.teamsToken("status", "7", "--refresh")
            #expect(result.exitCode == 0)
            #expect(result.json["status"] as? String == "connected")
            #expect(result.json["who"] as? String == "microsoft")
        }
    }
}
