import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct NetworkCheckTests {
    private static let now = Date(timeIntervalSince1970: 1_795_348_800)
    private static let metadata =
        #"{"token_endpoint":"https://login.example.com/t/oauth2/v2.0/token"}"#

    /// What is found but for what is well.
    private func problems(_ answers: ScriptedHTTPClient.Answer...) async -> [String] {
        let http = ScriptedHTTPClient(answers)
        let check = NetworkCheck(
            authority: Authority(base: "https://login.example.com", tenant: "contoso.com"),
            graphURL: "https://graph.example.com/v1.0", http: http, now: { Self.now })
        let findings = await check.findings()
        #expect(
            http.requests.map(\.url) == [
                "https://login.example.com/contoso.com/v2.0/.well-known/openid-configuration",
                "https://graph.example.com/v1.0/me",
            ])
        return findings.filter { $0.severity != .ok }.map { "\($0.severity.name): \($0.seen)" }
    }

    @Test func `two hosts that answer are well`() async {
        let dated = ["date": "Sun, 22 Nov 2026 12:00:20 GMT"]
        #expect(await problems(.text(200, Self.metadata, headers: dated), .text(401, "")) == [])
    }

    @Test func `a tenant that is not there is a wrong setting`() async {
        #expect(
            await problems(.text(400, #"{"error":"invalid_tenant"}"#), .text(401, ""))
                == ["problem: https://login.example.com does not know the tenant contoso.com"])
    }

    @Test func `a portal in the way is no authority`() async {
        #expect(
            await problems(.text(200, "<html>please log in</html>"), .text(401, ""))
                == [
                    "problem: https://login.example.com answers with something else than OpenID metadata"
                ])
    }

    @Test func `an outage is told`() async {
        #expect(
            await problems(.text(503, ""), .text(500, "")) == [
                "problem: https://login.example.com answers with HTTP 503",
                "warning: https://graph.example.com/v1.0 answers with HTTP 500",
            ])
    }

    @Test func `hosts that can't be reached are problems`() async {
        let error = TransportError(kind: .unreachable, code: 6, message: "Could not resolve host")
        #expect(
            await problems(.failure(error), .failure(error)) == [
                "problem: https://login.example.com: Could not resolve host (curl 6)",
                "problem: https://graph.example.com/v1.0: Could not resolve host (curl 6)",
            ])
    }

    @Test(arguments: [
        ("Sun, 22 Nov 2026 12:05:00 GMT", "5 min behind"),
        ("Sun, 22 Nov 2026 11:55:00 GMT", "5 min ahead of"),
    ])
    func `a clock that is wrong is told`(date: String, words: String) async {
        let found = await problems(
            .text(200, Self.metadata, headers: ["date": date]), .text(401, ""))
        #expect(found == ["warning: this machine's clock is \(words) the server's"])
    }
}
