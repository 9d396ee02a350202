import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

@Suite struct GraphProbeTests {
    static let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1900000000"}}}"#
    static let challenge =
        #"Bearer realm="", error="insufficient_claims", claims="\#(Data(claims.utf8).base64EncodedString())""#

    private func probe(
        _ http: ScriptedHTTPClient, root: String = "https://graph.example/v1.0"
    ) -> GraphProbe {
        GraphProbe(root: root, http: http, now: { Date(timeIntervalSince1970: 784_111_777) })
    }

    @Test(arguments: ["https://graph.example/v1.0", "https://graph.example/v1.0/"])
    func `a probe is one GET of me`(_ root: String) async throws {
        let http = ScriptedHTTPClient(.text(200, "{}"))
        #expect(await probe(http, root: root).probe(Secret("a.b-c")) == .ok)
        let request = try #require(http.requests.first)
        #expect(request.method == "GET")
        #expect(request.url == "https://graph.example/v1.0/me")
        #expect(request.headers["authorization"] == "Bearer a.b-c")
        let requestID = try #require(request.headers["client-request-id"])
        #expect(requestID.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(request.headers.count == 3)
    }

    @Test(
        arguments: [
            (200, [:], ProbeResult.ok), (202, [:], .ok),
            (401, [:], .unauthorized(claims: nil)),
            (401, ["www-authenticate": "Bearer realm=\"\""], .unauthorized(claims: nil)),
            (401, ["www-authenticate": challenge], .unauthorized(claims: claims)),
            (403, [:], .forbidden), (403, ["www-authenticate": challenge], .forbidden),
            (403, ["retry-after": "5"], .forbidden), (404, [:], .notFound),
            (429, [:], .throttled(retryAfter: nil)),
            (429, ["retry-after": "7"], .throttled(retryAfter: .seconds(7))),
            (429, ["retry-after": "99999"], .throttled(retryAfter: .seconds(3600))),
            (
                429, ["retry-after": "Sun, 06 Nov 1994 08:49:47 GMT"],
                .throttled(retryAfter: .seconds(10))
            ),
            (509, [:], .throttled(retryAfter: nil)),
        ] as [(Int, [String: String], ProbeResult)])
    func `the status decides`(
        status: Int, headers: [String: String], expected: ProbeResult
    ) async {
        let body = #"{"error":{"code":"InvalidAuthenticationToken"}}"#
        let http = ScriptedHTTPClient(.text(status, body, headers: headers))
        #expect(await probe(http).probe(Secret("at")) == expected)
    }

    @Test(arguments: [301, 302, 400, 405, 500, 502, 503, 504])
    func `anything else says nothing about the token`(_ status: Int) async throws {
        let http = ScriptedHTTPClient(.text(status, "canary", headers: ["retry-after": "5"]))
        guard case .error(let message) = await probe(http).probe(Secret("canary")) else {
            Issue.record("not an error")
            return
        }
        let requestID = try #require(http.requests.first?.headers["client-request-id"])
        #expect(message == "Graph answered HTTP \(status), request \(requestID)")
    }

    @Test func `no answer is an error`() async {
        let http = ScriptedHTTPClient(
            .failure(TransportError(kind: .unreachable, code: 6, message: "no such\u{1B}host")))
        guard case .error(let message) = await probe(http).probe(Secret("canary")) else {
            Issue.record("not an error")
            return
        }
        #expect(message.hasPrefix("no answer from Graph: no such?host (curl 6), request "))
    }

    @Test(arguments: ["", "a b", "a\r\nX-Evil: 1", "a\n", "é", "a\u{0}"])
    func `what can't be a token is not sent`(_ token: String) async {
        let http = ScriptedHTTPClient()
        #expect(await probe(http).probe(Secret(token)) == .unauthorized(claims: nil))
        #expect(http.requests.isEmpty)
    }
}
