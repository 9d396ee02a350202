/// The way to the token endpoint when it can't be trusted, and when it leads through a proxy: nobody is
/// condemned, no secret is sent, and the operator is told the cause.

import Foundation
import SandboxKit
import TestSupport
import Testing

struct TrustTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var listen = "ssl"
        var server = ""
        var host = "127.0.0.1"
        var isExpired = false
        var isTrusted = true
        /// What the message says of the cause.
        let words: String
    }

    static let cases = [
        Case(testDescription: "an unknown authority", isTrusted: false, words: "self-signed"),
        Case(testDescription: "an expired certificate", isExpired: true, words: "has expired"),
        Case(
            testDescription: "another host's certificate", host: "other.example",
            words: "no alternative certificate subject name matches"),
        Case(
            testDescription: "TLS 1.1",
            server: "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
            words: "protocol version"),
        Case(testDescription: "no TLS at all", listen: "", words: "wrong version number"),
    ]

    @Test(arguments: cases)
    func `a server that can't be trusted gets nothing and condemns nobody`(_ fault: Case)
        async throws
    {
        let server = try NginxServer(
            listen: fault.listen, server: fault.server, host: fault.host,
            isExpired: fault.isExpired)
        let database = try ApplicationDatabase()
        chmod(database.path, 0o600)
        try database.enrol(1...2, expiresAt: Date(timeIntervalSinceNow: 300))
        var environment = [
            "TEAMS_CLIENT_ID": "client", "TEAMS_CLIENT_SECRET": "secret",
            "TEAMS_AUTHORITY_HOST": server.url, "TEAMS_DATABASE": database.path,
        ]
        if fault.isTrusted { environment["TEAMS_CA_FILE"] = server.certificateFile }
        let result = try await ProgramRunner("maintain-teams", environment: environment)
            .run("--json")
        let document = try Document(result.standardOutput)
        #expect(result.exitCode == 75)
        #expect(document.present?["transient"] == 2)
        for problem in document.problems {
            #expect(problem["who"] as? String == "operator")
            #expect((problem["message"] as? String)?.contains(fault.words) == true)
            #expect((problem["remedy"] as? String)?.contains("TEAMS_CA_FILE") == true)
        }
        #expect(result.standardError.contains(fault.words))
        // Whoever speaks no TLS takes the greeting for a bad request; of ours there is none.
        #expect(server.requests.count { $0.protocol.hasPrefix("HTTP") } == 0)
        #expect(try database.row(1)?.refreshToken == "1.0")
    }

    @Test func `a proxy of the environment is used, and sees nothing but the host`() async throws {
        let proxy = try ConnectProxy()
        try await PassWorld.run { original in
            var world = original
            world.program.environment["HTTPS_PROXY"] = proxy.url
            try world.enrol(1...3)
            let result = try await world.program.run("--test-api")
            #expect(result.exitCode == 0)
            #expect(world.sandbox.counts.token == 3)
            #expect(world.sandbox.counts.graph == 3)
            #expect(proxy.heads.count == world.sandbox.counts.connections)
            #expect(
                proxy.heads.allSatisfy {
                    $0.hasPrefix("CONNECT 127.0.0.1:\(world.sandbox.port) HTTP/1.1\r\n")
                        && !$0.contains("sandbox")
                })
            // Not for those hosts.
            world.program.environment["NO_PROXY"] = "127.0.0.1"
            let before = proxy.heads.count
            #expect(try await world.program.run("--user", "1", "--force").exitCode == 0)
            #expect(proxy.heads.count == before)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 407 Proxy Authentication Required\r\nRetry-After: 3000\r\n\r\n",
        "HTTP/1.1 403 \u{1B}[31mCANARY\r\nContent-Length: 6\r\n\r\nCANARY",
        "CANARY\r\n\r\n", "",
    ])
    func `a proxy that refuses condemns nobody and pauses nobody`(_ refusal: String) async throws {
        let proxy = try ConnectProxy(refusal: refusal)
        try await PassWorld.run { original in
            var world = original
            world.program.environment["HTTPS_PROXY"] = proxy.url
            try world.enrol(1...2)
            let (document, result) = try await world.document()
            #expect(result.exitCode == 75)
            #expect(document.present?["transient"] == 2)
            #expect(world.sandbox.counts.received == 0)
            let text = result.standardOutput + result.standardError
            #expect(text.commands.isEmpty)
            #expect(!text.contains("CANARY"))
            #expect(
                try world.database.value("SELECT count(*) FROM maintain_teams_clients") == "0")
        }
    }
}
