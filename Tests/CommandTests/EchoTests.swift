/// A server that sends back whatever it was sent, in every place that an answer has, and a canary in
/// every secret: none of it comes out of the programs anywhere (G7).

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct EchoTests {
    /// Each with a place for what was received.
    static let places: [(name: String, delivery: @Sendable (String) -> RawServer.Delivery)] = [
        ("nowhere", { _ in HostileAnswer.success() }),
        (
            "the error's fields",
            { echo in
                .http(
                    400,
                    #"""
                    {"error":"invalid_grant","suberror":"\#(echo)","error_description":"AADSTS50076: \#(echo)",
                    "error_codes":["\#(echo)"],"correlation_id":"\#(echo)","trace_id":"\#(echo)",
                    "claims":"{\"\#(echo)\":1}","timestamp":"\#(echo)","error_uri":"\#(echo)"}
                    """#)
            }
        ),
        ("the error", { .http(400, #"{"error":"\#($0)"}"#) }),
        (
            "a final error",
            { .http(400, #"{"error":"invalid_grant","suberror":"bad_token","x":"\#($0)"}"#) }
        ),
        ("a page", { .http(404, "<html>\($0)</html>") }),
        ("tokens", { HostileAnswer.success(accessToken: #""\#($0)\n""#) }),
        ("the status line", { .text("HTTP/1.1 \($0)\r\n\r\n") }),
        ("the reason", { .text("HTTP/1.1 500 \($0)\r\n\r\n") }),
        (
            "headers",
            { echo in
                .http(
                    401, "",
                    headers: [
                        "Date", "Location", "Set-Cookie", "WWW-Authenticate", "x-ms-request-id",
                    ]
                    .map { "\($0): \(echo)\r\n" }.joined())
            }
        ),
        ("a header's name", { .text("HTTP/1.1 200 OK\r\n\($0): 1\r\n\r\n{}") }),
        ("the length", { .text("HTTP/1.1 200 OK\r\nContent-Length: \($0)\r\n\r\n{}") }),
        ("the transfer", { .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: \($0)\r\n\r\n{}") }),
        ("the compression", { .text("HTTP/1.1 200 OK\r\nContent-Encoding: \($0)\r\n\r\n{}") }),
        ("a chunk", { .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\($0)\r\n") }),
        ("instead of an answer", { .text($0) }),
    ]

    @Test func `what a server sends back comes out nowhere`() async throws {
        let places = Self.places
        let server = try RawServer { request, _ in
            // A probe echoes its header.
            guard let user = request.user else {
                return request.head.hasPrefix("GET /v1.0/me")
                    ? .http(401, request.head, headers: "WWW-Authenticate: Bearer claims=\"x\"\r\n")
                    : .http(200, "ok")
            }
            return places[user % places.count].delivery(
                request.body.removingPercentEncoding?.filter { $0 != "\"" && $0 != "\\" } ?? "")
        }
        var world = try HostileWorld(beside: server)
        // Neighbours keep the application above suspicion.
        for user in 1..<2 * places.count {
            try world.database.enrol(
                user, expiresAt: Date(timeIntervalSinceNow: 300 + Double(user)),
                refreshToken: "\(user % 2 == 0 ? user / 2 : places.count).CANARY-refresh",
                accessToken: "CANARY-access")
        }
        let directory = world.database.directory
        try world.watch()
        let passes = [
            try await world.run("maintain-teams", "--json", "-vv", "--test-api"),
            try await world.run("maintain-teams", "--user", "2", "--force", "-vv"),
            try await world.run("teams-token", "refresh", "2", "6", "--json"),
        ]
        #expect(passes.map(\.exitCode) == [12, 10, 10])
        var commands: [ProgramResult] = []
        for arguments in [
            ["list"], ["list", "--csv"], ["list", "--json"], ["history"], ["history", "--json"],
            ["show", "2", "4", "6", "12"], ["show", "2", "4", "6", "12", "--json"],
            ["status", "2", "--test-api"],
        ] {
            commands.append(
                try await ProgramRunner("teams-token", environment: world.environment)
                    .run(arguments))
        }
        var texts = (passes + commands).flatMap { [$0.standardOutput, $0.standardError] }
        texts += server.requests.filter { !$0.head.hasPrefix("POST /common") && $0.user == nil }
            .filter { !$0.head.hasPrefix("GET /v1.0/me") }.map { $0.head + $0.body }
        texts.append(
            try StateSchema.tableNames.flatMap {
                try world.database.session().query("SELECT * FROM \($0)")
                    .flatMap { $0.compactMap(\.self) }
            }.joined(separator: "\n"))
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(files).isSuperset(of: ["log", "teams.prom", "told", "child"]))
        for file in files where !file.hasPrefix("teams.sqlite3") || file.contains("maintain-teams")
        {
            texts.append(String(decoding: directory.contents(file) ?? [], as: UTF8.self))
        }
        #expect(!directory.exists("teams.sqlite3.maintain-teams.spool"))
        for text in texts { #expect(!text.contains("CANARY")) }
        let printed = (passes + commands).map { $0.standardOutput + $0.standardError }
        // CSV ends its lines with CR LF (RFC 4180).
        for text in printed {
            #expect(text.replacing("\r\n", with: "\n").commands.isEmpty)
        }
        for file in ["log", "teams.prom", "told"] {
            #expect(!world.text(file).isEmpty)
            #expect(world.text(file).commands.isEmpty, Comment(rawValue: file))
        }
    }
}
