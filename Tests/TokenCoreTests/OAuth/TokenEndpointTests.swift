import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import TokenCore

@Suite struct TokenEndpointTests {
    static let success =
        #"{"access_token":"canary-at","refresh_token":"canary-new","expires_in":60}"#
    static let start = Date(timeIntervalSince1970: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT

    private func endpoint(
        _ http: ScriptedHTTPClient, credential: ClientRegistration.Credential = .none,
        scopes: String? = nil, now: @escaping @Sendable () -> Date = { Self.start }
    ) -> TokenEndpoint {
        TokenEndpoint(
            registration: ClientRegistration(
                clientID: "id", credential: credential, scopes: scopes,
                authority: Authority(base: "https://login.example", tenant: "common")),
            http: http, now: now)
    }

    @Test func `a refresh is one form post`() async throws {
        let http = ScriptedHTTPClient(.text(200, Self.success))
        let redemption = await endpoint(
            http, credential: .secret(Secret("s&=% é")), scopes: "offline_access  User.Read "
        ).redeem(.refreshToken(Secret("canary-old")), claims: #"{"access_token":{}}"#)

        let request = try #require(http.requests.first)
        #expect(http.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.url == "https://login.example/common/oauth2/v2.0/token")
        #expect(
            request.formNames
                == ["client_id", "grant_type", "refresh_token", "scope", "claims", "client_secret"])
        #expect(request.form["client_id"] == "id")
        #expect(request.form["grant_type"] == "refresh_token")
        #expect(request.form["refresh_token"] == "canary-old")
        #expect(request.form["scope"] == "offline_access  User.Read ")
        #expect(request.form["claims"] == #"{"access_token":{}}"#)
        #expect(request.form["client_secret"] == "s&=% é")
        #expect(
            request.headers == [
                "accept": "application/json",
                "client-request-id": redemption.correlationID,
                "return-client-request-id": "true",
                "x-ms-lib-capability": "retry-after, h429",
            ])
    }

    @Test func `a public client sends neither secret nor what it has not`() async {
        let http = ScriptedHTTPClient(.text(200, Self.success))
        _ = await endpoint(http).redeem(.refreshToken(Secret("rt")))
        #expect(http.requests.map(\.formNames) == [["client_id", "grant_type", "refresh_token"]])
    }

    @Test func `a device code is redeemed without scopes`() async {
        let http = ScriptedHTTPClient(.text(200, Self.success))
        _ = await endpoint(http, credential: .secret(Secret("s")), scopes: "User.Read")
            .redeem(.deviceCode(Secret("dc")))
        #expect(
            http.requests.map(\.formNames)
                == [["client_id", "grant_type", "device_code", "client_secret"]])
        #expect(
            http.requests.first?.form["grant_type"]
                == "urn:ietf:params:oauth:grant-type:device_code")
    }

    @Test func `each request has its own ID, in lower case`() async {
        let http = ScriptedHTTPClient(.text(200, Self.success), .text(200, Self.success))
        let endpoint = endpoint(http)
        let first = await endpoint.redeem(.refreshToken(Secret("rt"))).correlationID
        let second = await endpoint.redeem(.refreshToken(Secret("rt"))).correlationID
        #expect(first != second)
        #expect(first == first.lowercased())
        #expect(first.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    }

    @Test func `success is a token set counted from before the request`() async throws {
        let clock = Clock([Self.start.addingTimeInterval(0.9), Self.start.addingTimeInterval(30)])
        let http = ScriptedHTTPClient(.text(200, Self.success))
        let redemption = await endpoint(http, now: clock.now)
            .redeem(.refreshToken(Secret("canary-old")))
        let tokens = try redemption.result.get()
        #expect(tokens.accessToken == Secret("canary-at"))
        #expect(tokens.refreshToken == Secret("canary-new"))
        #expect(tokens.expiresAt == Self.start.addingTimeInterval(60))
        #expect(redemption.status == 200)
        #expect(redemption.clockSkew == nil)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Duration?.some(.seconds(-2))),
        ("Sun, 06 Nov 1994 08:49:39 GMT", .some(.zero)),
        ("Sun, 06 Nov 1994 08:51:39 GMT", .some(.seconds(120))),
        ("Sun, 06 Nov 1994 07:49:39 GMT", .some(.seconds(-3600))),
        ("yesterday", nil),
    ])
    func `skew is the server's clock minus ours half-way`(date: String, skew: Duration?) async {
        let clock = Clock([Self.start, Self.start.addingTimeInterval(4)])
        let http = ScriptedHTTPClient(.text(200, Self.success, headers: ["date": date]))
        let redemption = await endpoint(http, now: clock.now).redeem(.refreshToken(Secret("rt")))
        #expect(redemption.clockSkew == skew)
    }

    @Test func `skew is measured of refusals too`() async {
        let http = ScriptedHTTPClient(
            .text(400, "", headers: ["date": "Sun, 06 Nov 1994 08:49:38 GMT"]))
        let redemption = await endpoint(http).redeem(.refreshToken(Secret("rt")))
        #expect(redemption.clockSkew == .seconds(1))
        #expect(redemption.status == 400)
    }

    @Test func `a pause until a date is counted by the server's clock`() async throws {
        let http = ScriptedHTTPClient(
            .text(
                503, "",
                headers: [
                    "date": "Mon, 07 Nov 1994 08:49:37 GMT",
                    "retry-after": "Mon, 07 Nov 1994 08:50:07 GMT",
                ]))
        let error = try await failure(of: http)
        #expect(error.kind == .throttled)
        #expect(error.retryAfter == .seconds(30))
    }

    @Test(arguments: [
        ("120", Duration?.some(.seconds(120))), ("0", .some(.zero)), ("-5", .some(.zero)),
        ("86400", .some(.seconds(3600))), ("soon", nil),
    ])
    func `a pause is read and bounded`(value: String, pause: Duration?) async throws {
        let error = try await failure(
            of: ScriptedHTTPClient(.text(429, "", headers: ["retry-after": value])))
        #expect(error.kind == .throttled)
        #expect(error.retryAfter == pause)
    }

    @Test func `a Retry-After that says nothing decides nothing`() async throws {
        let error = try await failure(
            of: ScriptedHTTPClient(
                .text(400, #"{"error":"invalid_grant"}"#, headers: ["retry-after": "soon"])))
        #expect(error.kind == .reauth)
    }

    @Test(arguments: [
        "", "<html>", "{}", #"{"access_token":"canary-at"}"#, #"{"error":"invalid_grant"}"#,
    ])
    func `an unreadable success is transient`(_ body: String) async throws {
        let error = try await failure(of: ScriptedHTTPClient(.text(200, body)))
        #expect(error.kind == .transient)
        #expect(!error.isOutage)
        #expect(error.responsible == .microsoft)
        #expect(error.refusal.status == 200)
        #expect(error.refusal.message.hasPrefix("unreadable success from the token endpoint: "))
    }

    @Test(arguments: [201, 203, 206])
    func `tokens in another 2xx are tokens`(_ status: Int) async throws {
        let http = ScriptedHTTPClient(.text(status, Self.success))
        let redemption = await endpoint(http).redeem(.refreshToken(Secret("rt")))
        #expect(try redemption.result.get().refreshToken == Secret("canary-new"))
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a redirect is refused`(_ status: Int) async throws {
        let error = try await failure(of: ScriptedHTTPClient(.text(status, Self.success)))
        #expect(error.kind == .transient)
        #expect(
            error.refusal.message == "the token endpoint's redirect was refused (HTTP \(status))")
    }

    @Test(arguments: [400, 500])
    func `tokens under an error status are not believed`(_ status: Int) async throws {
        let error = try await failure(of: ScriptedHTTPClient(.text(status, Self.success)))
        #expect(error.kind == .transient)
    }

    @Test func `the server's correlation ID is preferred to ours`() async throws {
        let theirs = "66666666-7777-8888-9999-000000000042"
        let error = try await failure(
            of: ScriptedHTTPClient(
                .text(400, #"{"error":"invalid_grant","correlation_id":"\#(theirs)"}"#)))
        #expect(error.refusal.correlationID == theirs)
    }

    @Test func `no answer is a result too`() async throws {
        let http = ScriptedHTTPClient(
            .failure(TransportError(kind: .timedOut, code: 28, message: "Timeout was reached")))
        let redemption = await endpoint(http).redeem(.refreshToken(Secret("rt")))
        #expect(redemption.status == nil)
        #expect(redemption.clockSkew == nil)
        #expect(throws: TokenEndpointError.self) { try redemption.result.get() }
        #expect(http.requests.count == 1)
    }

    @Test func `whoever must not lose an answer hears of it with its time`() async {
        let heard = Mutex<[(Int, [UInt8], Date)]>([])
        let http = ScriptedHTTPClient(
            .text(200, Self.success), .text(400, "x"),
            .failure(TransportError(kind: .badBody, message: "cut")))
        let endpoint = endpoint(http)
        for _ in 0..<3 {
            _ = await endpoint.redeem(.refreshToken(Secret("rt"))) { status, body, requestedAt in
                heard.withLock { $0.append((status, body, requestedAt)) }
            }
        }
        let reports = heard.withLock { $0 }
        #expect(reports.map(\.0) == [200, 400])
        #expect(reports.map(\.1) == [Array(Self.success.utf8), Array("x".utf8)])
        #expect(reports.map(\.2) == [Self.start, Self.start])
    }

    @Test(arguments: [
        ScriptedHTTPClient.Answer.text(200, success),
        .text(200, #"{"access_token":"canary-at","refresh_token":"canary-new"}"#),
        .text(400, #"{"error":"canary-old","suberror":"canary-secret","trace_id":"canary-old"}"#),
        .text(
            400,
            #"{"error":"invalid_grant","error_description":"AADSTS70000: canary-old","error_codes":["canary-old"]}"#
        ),
        .text(500, "canary-old"), .text(302, "", headers: ["location": "https://canary-old"]),
        .text(429, "canary-secret", headers: ["retry-after": "canary-old"]),
    ])
    func `no secret can be printed`(_ answer: ScriptedHTTPClient.Answer) async {
        let endpoint = endpoint(
            ScriptedHTTPClient(answer), credential: .secret(Secret("canary-secret")))
        let redemption = await endpoint.redeem(.refreshToken(Secret("canary-old")))
        var dumped = ""
        dump(redemption, to: &dumped)
        dump(endpoint, to: &dumped)
        for text in [
            String(reflecting: redemption), "\(redemption)", dumped, String(reflecting: endpoint),
            "\(Grant.refreshToken(Secret("canary-old")))",
        ] {
            #expect(!text.contains("canary"))
        }
    }

    private func failure(of http: ScriptedHTTPClient) async throws -> TokenEndpointError {
        let redemption = await endpoint(http).redeem(.refreshToken(Secret("canary-old")))
        guard case .failure(let error) = redemption.result else {
            throw Unexpected()
        }
        return error
    }

    struct Unexpected: Error {}
}

/// Tells the given times in turn, and the last one for ever.
private final class Clock: Sendable {
    private let times: Mutex<[Date]>

    init(_ times: [Date]) { self.times = Mutex(times) }

    var now: @Sendable () -> Date {
        { self.times.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
    }
}
