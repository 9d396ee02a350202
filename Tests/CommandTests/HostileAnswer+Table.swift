/// The answers themselves, in groups that share a pass.

import TestSupport

extension HostileAnswer {
    struct Group: Sendable, CustomStringConvertible {
        let description: String
        let answers: [HostileAnswer]
    }

    static let groups = [
        Group(description: "users and admins", answers: people),
        Group(description: "application and request", answers: application),
        Group(description: "successes", answers: successes),
        Group(description: "successes without tokens", answers: emptySuccesses),
        Group(description: "answers without a reason", answers: nonsense),
        Group(description: "server errors and cuts", answers: failures),
        Group(description: "slow and endless", answers: endless),
        Group(description: "too much", answers: tooMuch),
        Group(description: "no HTTP", answers: noHTTP),
    ]

    private static let people: [HostileAnswer] = [
        .refusal(
            "bad_token", "reauth_required", "user", requests: 1,
            #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50173]}"#),
        .refusal(
            "token_expired", "reauth_required", "user", requests: 1,
            #"{"error":"invalid_grant","suberror":"token_expired","error_codes":[70043]}"#),
        .refusal(
            "no suberror, no codes", "reauth_required", "user", requests: 2,
            #"{"error":"invalid_grant"}"#),
        .refusal(
            "two codes, the vague one first", "reauth_required", "user", requests: 2,
            #"{"error":"invalid_grant","error_codes":[70002,70008]}"#),
        .refusal(
            "a code as text", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"invalid_grant","error_codes":["53003"]}"#),
        .refusal(
            "a code that begins like another", "reauth_required", "user", requests: 2,
            #"{"error":"invalid_grant","error_codes":[530039]}"#),
        .refusal(
            "an unknown code", "reauth_required", "user", requests: 2,
            #"{"error":"invalid_grant","error_codes":[1000099]}"#),
        .refusal(
            "consent_required", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"invalid_grant","suberror":"consent_required","error_codes":[65001]}"#),
        .refusal(
            "interaction_required", "reauth_required", "user", requests: 2,
            #"{"error":"interaction_required","error_codes":[50076],"suberror":"basic_action"}"#),
        .refusal(
            "a policy", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"interaction_required","error_codes":[53099]}"#),
        .refusal(
            "a blocked directory", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"interaction_required","error_codes":[5000225]}"#),
        .refusal(
            "hostile text in every field", "reauth_required", "user", requests: 2,
            #"""
            {"error":"invalid_grant","suberror":"\u001b[31m\u202eCANARY","error_codes":["\u001b[2J",50076],
             "error_description":"\u001b]0;CANARY\u0007 \r\nAADSTS50196: CANARY\u009b1m",
             "correlation_id":"\u001b[1mCANARY","trace_id":"CANARY\u2066","error_uri":"CANARY",
             "claims":"CANARY\u001b[0m","timestamp":{"\u001b":"CANARY"}}
            """#),
    ]

    /// The application works for the neighbours, so each refusal is about one user.
    private static let application: [HostileAnswer] = [
        .refusal(
            "a tenant without the application", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"unauthorized_client","error_codes":[700016]}"#),
        .refusal(
            "an unknown tenant", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"invalid_request","error_codes":[90002]}"#),
        .refusal(
            "wrong scopes for one user", "consent_required", "tenant_admin", requests: 2,
            #"{"error":"invalid_scope","error_codes":[70011]}"#),
        HostileAnswer(
            name: "a wrong secret, once",
            deliveries: [
                .http(401, #"{"error":"invalid_client","error_codes":[7000215]}"#), success(),
            ], verdict: "refreshed", who: nil, requests: 2...2, stored: "1"),
        HostileAnswer(
            name: "a dead token, once",
            deliveries: [
                .http(400, #"{"error":"invalid_grant","error_codes":[70000]}"#), success(),
            ],
            verdict: "refreshed", who: nil, requests: 2...2, stored: "1"),
        .refusal(
            "a damaged token", "rejected", "operator", requests: 1,
            #"{"error":"invalid_grant","error_codes":[9002313]}"#),
        .refusal(
            "another application's token", "rejected", "operator", requests: 1,
            #"{"error":"invalid_grant","suberror":"client_mismatch"}"#),
        HostileAnswer(
            name: "too many requests for one directory",
            deliveries: [.http(400, #"{"error":"invalid_grant","error_codes":[90055]}"#)],
            verdict: "throttled", who: "microsoft", requests: 1...1, stored: "0"),
    ]

    private static let successes: [HostileAnswer] = [
        kept("no refresh token", refreshToken: ""),
        kept("refresh token null", refreshToken: "null"),
        kept("refresh token empty", refreshToken: #""""#),
        kept("refresh token a number", refreshToken: "7"),
        kept("refresh token of spaces", refreshToken: #"" \t ""#),
        refreshed("expires_in as text", success(expiresIn: #""3599""#)),
        refreshed("expires_in with a fraction", success(expiresIn: "3599.9")),
        refreshed("201", success(status: 201)),
        refreshed("a Retry-After on success", success(headers: "Retry-After: 3000\r\n")),
        refreshed(
            "a clock hours off", success(headers: "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")),
        refreshed(
            "a byte order mark",
            .text("HTTP/1.1 200 OK\r\n\r\n\u{FEFF}" + plainSuccess)),
        refreshed(
            "nothing but the status line as head", .text("HTTP/1.1 200\r\n\r\n" + plainSuccess)),
        refreshed(
            "hostile text in the optional fields",
            success(
                more: #","scope":"\u001b[31mCANARY","id_token":"\u001b","x":["CANARY"]"#)),
        refreshed(
            "continue, thrice",
            .text(
                String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 3)
                    + "HTTP/1.1 200 OK\r\n\r\n" + plainSuccess)),
    ]

    private static let plainSuccess =
        #"{"token_type":"Bearer","refresh_token":"USER.1","access_token":"access-USER.1","expires_in":3599}"#

    private static func refreshed(_ name: String, _ delivery: RawServer.Delivery) -> HostileAnswer {
        HostileAnswer(
            name: name, deliveries: [delivery], verdict: "refreshed", who: nil, requests: 1...1,
            stored: "1")
    }

    /// A success that leaves the refresh token as it was.
    private static func kept(_ name: String, refreshToken: String) -> HostileAnswer {
        HostileAnswer(
            name: name, deliveries: [success(refreshToken: refreshToken)], verdict: "refreshed",
            who: nil, requests: 1...1, stored: "0")
    }

    private static let emptySuccesses: [HostileAnswer] = [
        .transient("HTML", .http(200, "<html>sign in</html>")),
        .transient(
            "an error body", .http(200, #"{"error":"invalid_grant","error_codes":[50173]}"#)),
        .transient("no access token", success(accessToken: "")),
        .transient("an empty access token", success(accessToken: #""""#)),
        .transient("an access token of spaces", success(accessToken: #""  ""#)),
        .transient("an access token with a line end", success(accessToken: #""a\r\nX: b""#)),
        .transient("an access token with a NUL", success(accessToken: #""a\u0000b""#)),
        .transient("expires_in 0", success(expiresIn: "0")),
        .transient("expires_in negative", success(expiresIn: "-3599")),
        .transient("expires_in 1e400", success(expiresIn: "1e400")),
        .transient("expires_in huge", success(expiresIn: "99999999999999999999")),
        .transient("expires_in null", success(expiresIn: "null")),
        .transient("no expires_in", success(expiresIn: "")),
        .transient("204", .text("HTTP/1.1 204 No Content\r\n\r\n")),
        .transient("a member twice", success(more: #","access_token":"other""#)),
        .transient(
            "too deep",
            success(more: #","x":"# + String(repeating: "[", count: 100_000))),
        .transient(
            "bad UTF-8", .http(200, Array(#"{"access_token":""#.utf8) + [0xC3, 0x28, 0x22, 0x7D])),
        .transient("a NUL", .http(200, Array(plainSuccess.utf8.dropLast()) + [0, 0x7D])),
        .transient(
            "a length that is too short",
            .text("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + plainSuccess)),
        .transient(
            "compressed, unasked",
            .http(
                200, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xAB, 0xAE, 5, 0],
                headers: "Content-Encoding: gzip\r\n")),
    ]

    private static let nonsense: [HostileAnswer] = [
        .transient("301", "operator", moved(301)),
        .transient("302 to another host", "operator", moved(302)),
        .transient("307 to plain HTTP", "operator", moved(307)),
        .transient("304", "operator", .text("HTTP/1.1 304 Not Modified\r\n\r\n")),
        .transient("401 without a body", "operator", .http(401, "")),
        .transient("403 of a gateway", "operator", .http(403, "<html>blocked</html>")),
        .transient("404", "operator", .http(404, "<html>not found</html>")),
        .transient("408", .http(408, "")),
        .transient(
            "an error that is no text", "operator",
            .http(400, #"{"error":{"code":"invalid_grant"}}"#)),
        .transient("an unknown error", .http(400, #"{"error":"quota_of_the_moon"}"#)),
        .transient("temporarily_unavailable", .http(400, #"{"error":"temporarily_unavailable"}"#)),
        .transient(
            "a service's own code", .http(400, #"{"error":"invalid_grant","error_codes":[90033]}"#)),
        .transient(
            "an error twice", "operator", .http(400, #"{"error":"invalid_grant","error":"x"}"#)),
        .transient("half an error", "operator", .http(400, #"{"error":"invalid_grant""#)),
    ]

    /// Another host, which nobody listens at; a client that followed it would get no answer.
    private static func moved(_ status: Int) -> RawServer.Delivery {
        .http(status, "", headers: "Location: http://localhost:1/steal\r\n")
    }

    private static let failures: [HostileAnswer] = [
        .unanswered("500", "microsoft", .http(500, "")),
        .unanswered("502", "microsoft", .http(502, "<html>bad gateway</html>")),
        .unanswered("503", "microsoft", .http(503, #"{"error":"temporarily_unavailable"}"#)),
        .unanswered(
            "504 with a dead token", "microsoft",
            .http(504, #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50173]}"#)),
        .unanswered("closed at once", "network", .bytes([])),
        .unanswered("reset at once", "network", .reset(after: [])),
        .transient("cut in the head", .text("HTTP/1.1 200 OK\r\nContent-Le")),
        .unanswered(
            "cut in the body", "microsoft",
            .text("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + plainSuccess)),
    ]

    private static let endless: [HostileAnswer] = [
        .unanswered("silence", "network", .silence(after: [])),
        .unanswered("a slow head", "network", .drip(after: Array("HTTP/1.1 200 OK\r\nX: ".utf8))),
        .unanswered(
            "a slow body", "network",
            .drip(after: Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{".utf8))),
    ]

    private static let tooMuch: [HostileAnswer] = [
        .unanswered(
            "3 MiB", "microsoft or network",
            .http(200, String(repeating: " ", count: 3 << 20) + plainSuccess)),
        .unanswered(
            "a header of a megabyte", "microsoft or network",
            .text("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 1 << 20) + "\r\n\r\n")),
        .unanswered(
            "headers without end", "microsoft or network",
            .text(
                "HTTP/1.1 200 OK\r\n" + String(repeating: "X-Filler: abcdefgh\r\n", count: 30_000)
                    + "\r\n")),
    ]

    private static let noHTTP: [HostileAnswer] = [
        .unanswered("HTTP/0.9", "microsoft", .text(plainSuccess)),
        .unanswered("another protocol", "microsoft", .text("220 mail.example ESMTP\r\n")),
        .unanswered(
            "bytes", "microsoft", .bytes([0, 0xFF, 0x1B, 0x5B, 0x33, 0x31, 0x6D, 0x0D, 0x0A])),
        .unanswered(
            "a status that is no number", "microsoft", .text("HTTP/1.1 \u{1B}[31mCANARY\r\n\r\n")),
        .unanswered(
            "an unknown version", "microsoft", .text("HTTP/7.9 200 OK\r\n\r\n" + plainSuccess)),
        .unanswered(
            "chunks without length", "network",
            .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nXCANARY\r\n" + plainSuccess)
        ),
        .unanswered(
            "switching protocols", "network", .text("HTTP/1.1 101 Switching Protocols\r\n\r\n")),
        .unanswered(
            "a NUL in a header", "microsoft",
            .text("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n" + plainSuccess)),
    ]
}
