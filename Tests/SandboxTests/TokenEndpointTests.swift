import Foundation
import SandboxKit
import Testing

struct TokenEndpointTests {
    @Test func `a refresh token buys the tokens and headers that Microsoft sends`() async throws {
        try await withSandbox { sandbox, curl in
            let answer = try await curl.refresh(user: "7")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            #expect(answer.headers["cache-control"] == "no-store, no-cache")
            #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
            #expect(answer.headers["x-ms-request-id"]?.count == 36)
            #expect(answer.headers["client-request-id"] == nil)
            #expect(answer.string("token_type") == "Bearer")
            #expect(answer.string("scope")?.contains("User.Read") == true)
            #expect((3600...5400).contains(answer.number("expires_in") ?? 0))
            #expect(answer.number("expires_in") == answer.number("ext_expires_in"))
            #expect(answer.string("id_token") == nil)
            #expect(
                answer.string("refresh_token") == Sandbox.refreshToken(user: "7", generation: 1))
            #expect((1490...1510).contains(answer.string("access_token")?.count ?? 0))
            #expect(answer.string("refresh_token")?.count == 1200)
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test func `lifetime and token sizes can be fixed`() async throws {
        try await withSandbox {
            $0.expiresIn = 60...60
            $0.accessTokenLength = 3000
            $0.refreshTokenLength = 2000
        } _: { _, curl in
            let answer = try await curl.refresh(user: "7")
            #expect(answer.number("expires_in") == 60)
            #expect((2990...3010).contains(answer.string("access_token")?.count ?? 0))
            #expect(answer.string("refresh_token")?.count == 2000)
        }
    }

    @Test func `openid in the scope brings an ID token that names tenant and account`() async throws
    {
        try await withSandbox { _, curl in
            let answer = try await curl.refresh(
                Sandbox.refreshToken(user: "7"), ["--data", "client_info=1"],
                scope: "openid offline_access User.Read")
            #expect(answer.string("scope") == "openid User.Read")
            let claims = try #require(answer.string("id_token").flatMap(payload))
            #expect(claims["oid"] as? String == Sandbox.objectID(of: "7"))
            #expect(claims["preferred_username"] as? String == "user-7@sandbox.example")
            #expect((claims["tid"] as? String)?.count == 36)
            #expect(answer.string("client_info") != nil)
        }
    }

    @Test func `a tenant in the path issues the tokens`() async throws {
        try await withSandbox { sandbox, curl in
            let tenant = "11111111-2222-4333-8444-555555555555"
            let answer = try await curl.post(
                "\(sandbox.baseURL)/\(tenant)/oauth2/v2.0/token",
                ["grant_type=refresh_token", "refresh_token=\(Sandbox.refreshToken(user: "7"))"]
                    + curl.credential)
            let claims = try #require(answer.string("access_token").flatMap(payload))
            #expect(claims["tid"] as? String == tenant)
        }
    }

    @Test func `an old refresh token stays valid when rotation is lenient`() async throws {
        try await withSandbox { sandbox, curl in
            for generation in 1...3 {
                let answer = try await curl.refresh(user: "7")
                let next = Sandbox.refreshToken(user: "7", generation: generation)
                #expect(answer.string("refresh_token") == next)
            }
            #expect(sandbox.generation(of: "7") == 3)
        }
    }

    @Test func `an old refresh token is dead when rotation is strict`() async throws {
        try await withSandbox {
            $0.rotation = .strict
        } _: { _, curl in
            let first = try await curl.refresh(user: "7")
            let again = try await curl.refresh(user: "7")
            expectError(again, 400, "invalid_grant", 50_173)
            #expect(again.string("suberror") == "bad_token")
            let second = try await curl.refresh(try #require(first.string("refresh_token")))
            #expect(second.status == 200)
        }
    }

    @Test func `no refresh token comes back when rotation is none`() async throws {
        try await withSandbox {
            $0.rotation = .none
        } _: { _, curl in
            for _ in 1...2 {
                let answer = try await curl.refresh(user: "7")
                #expect(answer.status == 200)
                #expect(answer.json["refresh_token"] == nil)
            }
        }
    }

    @Test func `a token of a later generation is good at first sight and unknown afterwards`()
        async throws
    {
        try await withSandbox { _, curl in
            let later = try await curl.refresh(Sandbox.refreshToken(user: "7", generation: 5))
            #expect(later.status == 200)
            let invented = try await curl.refresh(Sandbox.refreshToken(user: "7", generation: 9))
            expectError(invented, 400, "invalid_grant", 70_000)
        }
    }

    @Test(arguments: [
        "garbage", "sandbox-rt.Nw.0.x", String(Sandbox.refreshToken(user: "7").dropLast(3)),
        Sandbox.refreshToken(user: "7").replacingOccurrences(of: ".0.", with: ".1."),
    ])
    func `a damaged refresh token is malformed`(token: String) async throws {
        try await withSandbox { _, curl in
            expectError(try await curl.refresh(token), 400, "invalid_grant", 9_002_313)
        }
    }

    @Test func `user IDs may hold any characters`() async throws {
        try await withSandbox { sandbox, curl in
            let user = "Ü \"7\" \\ .*"
            let answer = try await curl.refresh(user: user)
            let token = try #require(answer.string("refresh_token"))
            #expect(Sandbox.readRefreshToken(token)?.user == user)
            #expect(answer.string("access_token").flatMap(Sandbox.userOfAccessToken) == user)
            #expect(sandbox.requests.map(\.user) == [user])
        }
    }

    @Test func `errors have all of Microsoft's members and echo the correlation ID`() async throws {
        try await withSandbox { _, curl in
            let id = "66666666-7777-8888-9999-000000000042"
            let answer = try await curl.refresh(
                "garbage",
                ["-H", "client-request-id: \(id)", "-H", "return-client-request-id: true"])
            #expect(answer.string("correlation_id") == id)
            #expect(answer.headers["client-request-id"] == id)
            #expect(answer.string("trace_id") == answer.headers["x-ms-request-id"])
            let description = try #require(answer.string("error_description"))
            #expect(description.hasPrefix("AADSTS9002313: "))
            #expect(description.contains(" Correlation ID: \(id) Timestamp: "))
            #expect(answer.string("timestamp")?.count == 20)
            #expect(
                answer.string("error_uri") == "https://login.microsoftonline.com/error?code=9002313"
            )
        }
    }

    @Test func `every wrong request gets its own number`() async throws {
        try await withSandbox { sandbox, curl in
            let token = "refresh_token=\(Sandbox.refreshToken(user: "7"))"
            let id = curl.credential[0]
            let grant = "grant_type=refresh_token"
            let cases: [([String], Int, String, Int)] = [
                ([grant, token, id, "client_secret=wrong"], 401, "invalid_client", 7_000_215),
                ([grant, token, id], 401, "invalid_client", 7_000_218),
                ([grant, token, "client_id=other"], 400, "unauthorized_client", 700_016),
                ([grant, token], 400, "invalid_request", 900_144),
                ([grant] + curl.credential, 400, "invalid_request", 900_144),
                ([token] + curl.credential, 400, "invalid_request", 900_144),
                ([grant, grant, token] + curl.credential, 400, "invalid_request", 9_000_411),
                (["grant_type=password"] + curl.credential, 400, "unsupported_grant_type", 70_003),
            ]
            for (form, status, error, code) in cases {
                expectError(try await curl.post(curl.tokenURL, form), status, error, code)
            }
            expectError(try await curl.get(curl.tokenURL), 400, "invalid_request", 900_561)
            #expect(sandbox.generation(of: "7") == 0)
        }
    }

    @Test func `a client may prove itself by Basic or by assertion`() async throws {
        try await withSandbox { _, curl in
            let form = [
                "grant_type=refresh_token", "refresh_token=\(Sandbox.refreshToken(user: "7"))",
            ]
            let configuration = SandboxConfiguration()
            let pair = "\(configuration.clientID ?? ""):\(configuration.clientSecret ?? "")"
            #expect(try await curl.post(curl.tokenURL, form, ["-u", pair]).status == 200)
            let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            let assertion = ["client_assertion=a.b.c", "client_assertion_type=\(type)"]
            let answer = try await curl.post(curl.tokenURL, form + [curl.credential[0]] + assertion)
            #expect(answer.status == 200)
        }
    }

    @Test func `a public client sends no secret`() async throws {
        try await withSandbox {
            $0.clientSecret = nil
        } _: { _, curl in
            #expect(try await curl.refresh(user: "7").status == 200)
            let answer = try await curl.refresh(
                Sandbox.refreshToken(user: "7"), ["--data", "client_secret=x"])
            expectError(answer, 401, "invalid_client", 700_025)
        }
    }

    @Test func `OpenID metadata lists the endpoints of this server`() async throws {
        try await withSandbox { sandbox, curl in
            let answer = try await curl.get(
                sandbox.baseURL + "/common/v2.0/.well-known/openid-configuration")
            #expect(answer.status == 200)
            #expect(answer.string("token_endpoint") == curl.tokenURL)
            #expect(
                answer.string("device_authorization_endpoint")?.hasSuffix("/devicecode") == true)
            #expect(answer.json["revocation_endpoint"] == nil)
        }
    }

    @Test func `an unknown path answers HTML`() async throws {
        try await withSandbox { sandbox, curl in
            let answer = try await curl.get(sandbox.baseURL + "/common/oauth2/token")
            #expect(answer.status == 404)
            #expect(answer.headers["content-type"]?.hasPrefix("text/html") == true)
        }
    }
}

/// The claims of a JWT, unverified.
func payload(_ token: String) -> [String: Any]? {
    let parts = token.split(separator: ".")
    guard parts.count == 3 else { return nil }
    var text = parts[1].replacingOccurrences(of: "-", with: "+").replacingOccurrences(
        of: "_", with: "/")
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    let object = Data(base64Encoded: text).flatMap { try? JSONSerialization.jsonObject(with: $0) }
    return object as? [String: Any]
}

func expectError(
    _ answer: Curl.Answer, _ status: Int, _ error: String, _ code: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, sourceLocation: sourceLocation)
    #expect(answer.string("error") == error, sourceLocation: sourceLocation)
    #expect(answer.json["error_codes"] as? [Int] == [code], sourceLocation: sourceLocation)
}
