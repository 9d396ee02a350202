/// The curl client as a real web server sees it.

import FoundationEssentials
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct NginxTests {
    private func client(_ server: NginxServer, concurrency: Int = 64) -> CurlHTTPClient {
        CurlHTTPClient(
            settings: CurlSettings(
                requestTimeout: .seconds(20), concurrency: concurrency,
                certificateFile: server.certificateFile, userAgent: "tests/1"))
    }

    /// - Returns: How many were answered with 200.
    private func send(
        _ count: Int, atOnce width: Int, _ client: CurlHTTPClient, _ url: String
    ) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<width {
                group.addTask {
                    var answered = 0
                    for _ in 0..<(count / width)
                    where (try? await client.send(.get(url)).status) == 200 { answered += 1 }
                    return answered
                }
            }
            return await group.reduce(0, +)
        }
    }

    @Test func `HTTP 2 carries many requests over one connection`() async throws {
        let server = try NginxServer(listen: "ssl http2")
        let client = client(server)
        #expect(try await client.send(.get(server.url)).status == 200)
        #expect(await send(512, atOnce: 64, client, server.url) == 512)
        let requests = try await server.requests(atLeast: 513)
        #expect(requests.count == 513)
        #expect(Set(requests.map(\.protocol)) == ["HTTP/2.0"])
        #expect(Set(requests.map(\.connection)).count == 1)
        #expect(Set(requests.map(\.tls)).isSubset(of: ["TLSv1.2", "TLSv1.3"]))
    }

    @Test func `a first burst waits for the connection instead of opening many`() async throws {
        let server = try NginxServer(listen: "ssl http2")
        #expect(await send(64, atOnce: 64, client(server), server.url) == 64)
        let requests = try await server.requests(atLeast: 64)
        #expect(Set(requests.map(\.connection)).count == 1)
    }

    @Test func `HTTP 2 with many in flight needs a few connections`() async throws {
        let server = try NginxServer(listen: "ssl http2")
        let client = client(server, concurrency: 500)
        #expect(try await client.send(.get(server.url)).status == 200)
        #expect(await send(1500, atOnce: 500, client, server.url) == 1500)
        let requests = try await server.requests(atLeast: 1501)
        #expect(Set(requests.map(\.connection)).count <= 9)
    }

    @Test func `connections resume the TLS session of the first`() async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        try await Sandbox.withSandbox(configuration) { sandbox in
            let server = try NginxServer(
                listen: "ssl", server: "ssl_protocols TLSv1.3;", upstream: sandbox.baseURL)
            let client = client(server)
            let request = HTTPRequest.post(server.url + "/common/oauth2/v2.0/token", [("a", "b")])
            _ = try await client.send(request)
            // All under way at once, so that each needs a connection.
            sandbox.hold()
            let mailbox = Mailbox<Result<HTTPResponse, TransportError>>()
            for _ in 0..<16 { client.start(request) { mailbox.post($0) } }
            await sandbox.waitForRequests(atLeast: 17)
            sandbox.release()
            var answers = 0
            while answers < 16 { answers += await mailbox.next().count }
            let requests = try await server.requests(atLeast: 17)
            #expect(Set(requests.map(\.connection)).count == 16)
            // Which of them do is libcurl's and the server's affair; without the cache none does.
            let resumed = requests.count { $0.isResumed }
            #expect(resumed > 0)
        }
    }

    @Test func `a refresh through a proxy brings the whole answer and one receipt`() async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        try await Sandbox.withSandbox(configuration) { sandbox in
            let server = try NginxServer(listen: "ssl http2", upstream: sandbox.baseURL)
            let receipts = Receipts()
            let response = try await client(server).send(
                .post(
                    server.url + "/common/oauth2/v2.0/token",
                    [
                        ("client_id", sandbox.configuration.clientID ?? ""),
                        ("client_secret", sandbox.configuration.clientSecret ?? ""),
                        ("grant_type", "refresh_token"),
                        ("refresh_token", Sandbox.refreshToken(user: "7")),
                    ], receipts))
            #expect(response.status == 200)
            #expect(receipts.bodies == [response.body])
            #expect(
                try TokenResponse.decode(response.body, requestedAt: Date()).refreshToken != nil)
            let requests = try await server.requests(atLeast: 1)
            #expect(requests.map(\.protocol) == ["HTTP/2.0"])
        }
    }

    @Test(arguments: ["ssl http2", "ssl"])
    func `a body that the proxy's upstream cuts is no answer`(listen: String) async throws {
        let upstream = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
        let server = try NginxServer(listen: listen, upstream: upstream.url)
        let receipts = Receipts()
        let error = await #expect(throws: TransportError.self) {
            try await client(server).send(.get(server.url, receipts))
        }
        #expect(error?.kind == .badBody || error?.kind == .unreachable)
        #expect(receipts.count == 0)
    }

    @Test func `HTTP 1 keeps its connections`() async throws {
        let server = try NginxServer(listen: "ssl")
        #expect(await send(200, atOnce: 8, client(server, concurrency: 8), server.url) == 200)
        let requests = try await server.requests(atLeast: 200)
        #expect(Set(requests.map(\.protocol)) == ["HTTP/1.1"])
        #expect(Set(requests.map(\.connection)).count <= 8)
    }

    @Test func `a server that closes its connections is asked anew`() async throws {
        let server = try NginxServer(listen: "ssl", server: "keepalive_timeout 0;")
        #expect(await send(20, atOnce: 4, client(server, concurrency: 4), server.url) == 20)
        let requests = try await server.requests(atLeast: 20)
        #expect(Set(requests.map(\.connection)).count == 20)
    }

    @Test(arguments: ["TLSv1", "TLSv1.1"])
    func `TLS older than 1 2 is refused`(version: String) async throws {
        let server = try NginxServer(
            listen: "ssl",
            server: "ssl_protocols \(version); ssl_ciphers ALL:@SECLEVEL=0;")
        let error = await #expect(throws: TransportError.self) {
            try await client(server).send(.get(server.url))
        }
        #expect(error?.kind == .untrusted)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `TLS from 1 2 on is spoken`(version: String) async throws {
        let server = try NginxServer(listen: "ssl http2", server: "ssl_protocols \(version);")
        #expect(try await client(server).send(.get(server.url)).status == 200)
        let requests = try await server.requests(atLeast: 1)
        #expect(requests.map(\.tls) == [version])
    }

    @Test func `a certificate for another name is untrusted`() async throws {
        let server = try NginxServer(listen: "ssl", host: "other.example")
        let error = await #expect(throws: TransportError.self) {
            try await client(server).send(.get(server.url))
        }
        #expect(error?.kind == .untrusted)
    }
}
