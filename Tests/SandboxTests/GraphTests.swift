import Foundation
import SandboxKit
import Testing

struct GraphTests {
    @Test func `a token that was just handed out reads the user`() async throws {
        try await withSandbox { sandbox, curl in
            let token = try #require(try await curl.refresh(user: "7").string("access_token"))
            let answer = try await curl.get(
                sandbox.graphURL + "/me?$select=id,userPrincipalName",
                ["-H", "Authorization: Bearer \(token)", "-H", "client-request-id: abc"])
            #expect(answer.status == 200)
            #expect(answer.string("id") == Sandbox.objectID(of: "7"))
            #expect(answer.string("userPrincipalName") == "user-7@sandbox.example")
            #expect(answer.headers["content-type"]?.hasPrefix("application/json;odata") == true)
            #expect(answer.headers["client-request-id"] == "abc")
            #expect(sandbox.requests.last?.path == "/v1.0/me")
        }
    }

    @Test func `a seeded token is good to the second`() async throws {
        let clock = TestClock()
        try await withSandbox {
            $0.now = clock.read
        } _: { _, curl in
            let expiresAt = clock.read().addingTimeInterval(10)
            #expect(try await curl.me(user: "7", expiresAt: expiresAt).status == 200)
            clock.advance(by: 10)
            let answer = try await curl.me(user: "7", expiresAt: expiresAt)
            expectGraphError(answer, 401, "InvalidAuthenticationToken")
            #expect(answer.text.contains("Lifetime validation failed"))
        }
    }

    @Test(arguments: [
        [], ["-H", "Authorization: Bearer x.y.z"],
        [
            "-H",
            "Authorization: Bearer \(Sandbox.accessToken(user: "7", expiresAt: .distantFuture))x",
        ],
        ["-H", "Authorization: Bearer \(Sandbox.refreshToken(user: "7"))"],
    ])
    func `a missing or foreign token is 401`(header: [String]) async throws {
        try await withSandbox { sandbox, curl in
            let answer = try await curl.get(sandbox.graphURL + "/me", header)
            expectGraphError(answer, 401, "InvalidAuthenticationToken")
            #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer ") == true)
            #expect(sandbox.requests.map(\.user) == [nil])
        }
    }

    @Test(
        arguments: [
            (403, nil, "Authorization_RequestDenied"), (404, nil, "Request_ResourceNotFound"),
            (429, "activityLimitReached", "activityLimitReached"),
            (503, nil, "serviceNotAvailable"),
        ] as [(Int, String?, String)])
    func `Graph's statuses come in its envelope`(status: Int, code: String?, expected: String)
        async throws
    {
        try await withSandbox { sandbox, curl in
            let effect = Fault.Effect.status(status, retryAfter: .seconds(3), code: code)
            sandbox.script(user: "7", faults: [Fault(effect, endpoint: .graph, count: 1)])
            let answer = try await curl.me(user: "7")
            expectGraphError(answer, status, expected)
            #expect(answer.headers["retry-after"] == "3")
            #expect(try await curl.me(user: "7").status == 200)
        }
    }

    @Test func `a claims challenge is base64 in WWW-Authenticate`() async throws {
        try await withSandbox { sandbox, curl in
            let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1900000000"}}}"#
            sandbox.script(
                user: "7", faults: [Fault(.claimsChallenge(claims: claims), endpoint: .graph)])
            let answer = try await curl.me(user: "7")
            expectGraphError(answer, 401, "InvalidAuthenticationToken")
            let header = try #require(answer.headers["www-authenticate"])
            #expect(header.contains(#"error="insufficient_claims""#))
            #expect(header.contains(#"claims="\#(Data(claims.utf8).base64EncodedString())""#))
        }
    }

    private func expectGraphError(
        _ answer: Curl.Answer, _ status: Int, _ code: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = answer.json["error"] as? [String: Any]
        #expect(answer.status == status, sourceLocation: sourceLocation)
        #expect(error?["code"] as? String == code, sourceLocation: sourceLocation)
        let inner = error?["innerError"] as? [String: Any]
        #expect(
            inner?["request-id"] as? String == answer.headers["request-id"],
            sourceLocation: sourceLocation)
    }
}
