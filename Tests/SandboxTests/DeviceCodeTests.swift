import Foundation
import SandboxKit
import Synchronization
import Testing

struct DeviceCodeTests {
    @Test(arguments: ["urn:ietf:params:oauth:grant-type:device_code", "device_code"])
    func `a device code is pending a while and then signs the user in`(grant: String) async throws {
        try await withSandbox {
            $0.deviceLogin = DeviceLogin(user: "9", pendingPolls: 2, interval: 1)
        } _: { sandbox, curl in
            let code = try await begin(curl)
            #expect(code.number("interval") == 1)
            #expect(code.number("expires_in") == 900)
            #expect(code.string("user_code")?.isEmpty == false)
            #expect(code.string("verification_uri") == "https://microsoft.com/devicelogin")
            #expect(code.string("message")?.contains(code.string("user_code") ?? "?") == true)
            for _ in 1...2 {
                let poll = try await poll(curl, code, grant: grant)
                expectError(poll, 400, "authorization_pending", 70_016)
            }
            let success = try await poll(curl, code, grant: grant, scope: "offline_access openid")
            #expect(success.status == 200)
            #expect(success.string("refresh_token") == Sandbox.refreshToken(user: "9"))
            #expect(success.string("id_token") != nil)
            let again = try await poll(curl, code, grant: grant)
            expectError(again, 400, "bad_verification_code", 70_018)
            #expect(sandbox.requests.map(\.user) == ["9", "9", "9", "9", nil])
        }
    }

    @Test(arguments: [
        (DeviceLogin.Outcome.declined, "authorization_declined", 70_017),
        (.expired, "expired_token", 70_019),
    ])
    func `a person may decline or let it expire`(
        outcome: DeviceLogin.Outcome, error: String, code: Int
    ) async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(deviceLogin: DeviceLogin(pendingPolls: 0, outcome: outcome))
            let answer = try await poll(curl, try await begin(curl))
            expectError(answer, 400, error, code)
        }
    }

    @Test func `a device code expires by the server's clock`() async throws {
        let clock = TestClock()
        try await withSandbox {
            $0.now = clock.read
        } _: { _, curl in
            let code = try await begin(curl)
            clock.advance(by: 901)
            expectError(try await poll(curl, code), 400, "expired_token", 70_019)
        }
    }

    @Test func `a sign-in without offline_access gets no refresh token`() async throws {
        try await withSandbox {
            $0.deviceLogin.pendingPolls = 0
        } _: { _, curl in
            let answer = try await poll(curl, try await begin(curl), scope: "User.Read")
            #expect(answer.status == 200)
            #expect(answer.json["refresh_token"] == nil)
        }
    }

    @Test func `what was asked for with the code need not be asked for again`() async throws {
        try await withSandbox {
            $0.deviceLogin.pendingPolls = 0
        } _: { _, curl in
            let answer = try await poll(curl, try await begin(curl), scope: nil)
            #expect(answer.string("refresh_token") != nil)
            #expect(answer.string("id_token") != nil)
            #expect(answer.string("scope") == "openid User.Read")
        }
    }

    @Test func `polls can be scripted like any token request`() async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(user: "device-user", faults: [Fault(.refused("slow_down"), count: 1)])
            let code = try await begin(curl)
            #expect(try await poll(curl, code).string("error") == "slow_down")
            #expect(try await poll(curl, code).string("error") == "authorization_pending")
        }
    }

    @Test func `a device code needs a client and a scope`() async throws {
        try await withSandbox { sandbox, curl in
            let url = sandbox.baseURL + "/common/oauth2/v2.0/devicecode"
            let id = curl.credential[0]
            expectError(try await curl.post(url, ["scope=openid"]), 400, "invalid_request", 900_144)
            expectError(try await curl.post(url, [id]), 400, "invalid_request", 900_144)
            let other = ["client_id=other", "scope=openid"]
            expectError(try await curl.post(url, other), 400, "unauthorized_client", 700_016)
        }
    }

    private func begin(_ curl: Curl) async throws -> Curl.Answer {
        try await curl.post(
            curl.sandbox.baseURL + "/common/oauth2/v2.0/devicecode",
            [curl.credential[0], "scope=offline_access openid User.Read"])
    }

    private func poll(
        _ curl: Curl, _ code: Curl.Answer, grant: String = "device_code",
        scope: String? = "offline_access"
    ) async throws -> Curl.Answer {
        try await curl.post(
            curl.tokenURL,
            [
                "grant_type=\(grant)", "device_code=\(code.string("device_code") ?? "")",
            ] + [scope.map { "scope=\($0)" }].compactMap(\.self) + curl.credential)
    }
}

/// A clock that moves only when it is told to.
final class TestClock: Sendable {
    private let seconds = Mutex(1_896_322_000.0)

    var read: @Sendable () -> Date {
        { Date(timeIntervalSince1970: self.seconds.withLock { $0 }) }
    }

    func advance(by seconds: Double) { self.seconds.withLock { $0 += seconds } }
}
