/// The curl client against bytes that no decent server sends.

import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct CurlWireTests {
    private let client = CurlHTTPClient(
        settings: CurlSettings(
            requestTimeout: .seconds(20), allowsPlainHTTP: true, userAgent: "tests/1"))

    private func kind(of server: RawServer, _ receipts: Receipts? = nil) async -> TransportError
        .Kind?
    {
        do throws(TransportError) {
            _ = try await client.send(.get(server.url, receipts))
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func `a post goes out as one form with its length`() async throws {
        let server = try RawServer("HTTP/1.1 204 No Content\r\n\r\n")
        let long = String(repeating: "x", count: 100_000)
        let pairs = [("a b", "1&2=3+4"), ("é", "\u{0}\r\n"), ("empty", ""), ("long", long)]
        #expect(try await client.send(.post(server.url + "/t", pairs)).status == 204)
        let request = try #require(server.requests.first)
        let headers = request.head.lowercased().split(separator: "\r\n").map(String.init)
        let body = "a%20b=1%262%3D3%2B4&%C3%A9=%00%0D%0A&empty=&long=" + long
        #expect(request.body == body)
        #expect(headers.first == "post /t http/1.1")
        #expect(headers.contains("content-type: application/x-www-form-urlencoded"))
        #expect(headers.contains("content-length: \(body.utf8.count)"))
        #expect(headers.contains("user-agent: tests/1"))
    }

    @Test func `each request has its own headers, however many the one before had`() async throws {
        let server = try RawServer("HTTP/1.1 204 No Content\r\n\r\n")
        let many = (1...20).map { ("X-Header-\($0)", String(repeating: "\($0) ", count: 50) + "é") }
        for headers in [many, [("X-One", "1")], [], many] {
            _ = try await client.send(
                HTTPRequest(
                    method: .get, url: server.url,
                    headers: headers.map { ($0.0, Secret($0.1)) }))
        }
        let sent = server.requests.map { request in
            request.head.split(separator: "\r\n").filter { $0.hasPrefix("X-") }.map(String.init)
        }
        let all = many.map { "\($0.0): \($0.1)" }
        #expect(sent == [all, ["X-One: 1"], [], all])
    }

    @Test func `an empty form has no body and does not wait for one`() async throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try await client.send(.post(server.url, [])).status == 200)
        let request = try #require(server.requests.first)
        #expect(request.head.lowercased().contains("content-length: 0"))
        #expect(request.body.isEmpty)
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\nhello world",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "Connection: close\r\n\r\nhello world",
    ])
    func `the receipt holds the whole body, once, before the answer`(rest: String) async throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\n" + rest)
        let receipts = Receipts()
        let response = try await client.send(.get(server.url, receipts))
        #expect(response.body == Array("hello world".utf8))
        #expect(receipts.bodies == [Array("hello world".utf8)])
        #expect(receipts.statuses == [200])
    }

    /// libcurl tells of the end of a transfer only after it has looked at all the others.
    @Test func `an answer without a length is received with its last brace`() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let server = try RawServer(head + "8\r\n{\"a\":{}}\r\n")
        let receipts = Receipts()
        #expect(await kind(of: server, receipts) == .badBody)
        #expect(receipts.bodies == [Array(#"{"a":{}}"#.utf8)])
    }

    @Test func `a request that hangs holds up no other`() async throws {
        let server = try RawServer { request, _ in
            request.head.hasPrefix("GET /hang ")
                ? .silence(after: []) : .text("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let client = CurlHTTPClient(
            settings: CurlSettings(
                connectTimeout: .seconds(2), requestTimeout: .seconds(60), allowsPlainHTTP: true,
                userAgent: "tests/1"))
        let hanging = Task { try await client.send(.get(server.url + "/hang")) }
        while server.requests.isEmpty { await Task.yield() }
        #expect(try await client.send(.get(server.url + "/other")).status == 204)
        hanging.cancel()
    }

    @Test func `an empty body is received too`() async throws {
        let server = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let receipts = Receipts()
        _ = try await client.send(.get(server.url, receipts))
        #expect(receipts.bodies == [[]])
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
    ])
    func `a cut body is neither answer nor receipt`(bytes: String) async throws {
        let server = try RawServer(bytes)
        let receipts = Receipts()
        #expect(await kind(of: server, receipts) == .badBody)
        #expect(receipts.count == 0)
    }

    @Test(arguments: [
        "", "SSH-2.0-OpenSSH_9.2p1\r\n", "\u{0}\u{1}\u{2}\u{3}",
        "HTTP/1.1 abc\r\n\r\n",
    ])
    func `what is no HTTP is no answer`(bytes: String) async throws {
        let server = try RawServer(bytes)
        let receipts = Receipts()
        let kind = await kind(of: server, receipts)
        #expect(kind == .unreachable || kind == .badBody)
        #expect(receipts.count == 0)
    }

    @Test func `a head that ends early brings no body with it`() async throws {
        // libcurl takes this for the whole answer; a success without a body changes nothing.
        let server = try RawServer("HTTP/1.1 200 OK\r\nContent-Le")
        let receipts = Receipts()
        let response = try await client.send(.get(server.url, receipts))
        #expect(response.body.isEmpty)
        #expect(receipts.bodies == [[]])
    }

    @Test func `a protocol that is refused after an answer is still this machine's fault`()
        async throws
    {
        let server = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _ = try await client.send(.get(server.url))
        let error = await #expect(throws: TransportError.self) {
            try await client.send(.get("ftp://127.0.0.1/"))
        }
        #expect(error?.kind == .local)
    }

    @Test(arguments: [(1, 2_000_000), (20_000, 100)])
    func `a flood of headers is the server's fault and cut off`(count: Int, size: Int) async throws
    {
        let header = "X-Flood: " + String(repeating: "x", count: size) + "\r\n"
        let server = try RawServer(
            "HTTP/1.1 200 OK\r\n" + String(repeating: header, count: count)
                + "Content-Length: 2\r\n\r\nok")
        let receipts = Receipts()
        let kind = await kind(of: server, receipts)
        #expect(kind == .unreachable || kind == .badBody)
        #expect(receipts.count == 0)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is an answer and not followed`(status: Int) async throws {
        let target = try RawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let server = try RawServer(
            "HTTP/1.1 \(status) Moved\r\nLocation: \(target.url)/x\r\nContent-Length: 0\r\n\r\n")
        let response = try await client.send(.post(server.url, [("refresh_token", "secret")]))
        #expect(response.status == status)
        #expect(target.requests.isEmpty)
    }

    @Test func `repeated headers are joined and unread ones left out`() async throws {
        let server = try RawServer(
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer a=\"1\"\r\nwww-authenticate: Basic\r\n"
                + "Set-Cookie: x=1\r\nContent-Length: 0\r\n\r\n")
        let response = try await client.send(.get(server.url))
        #expect(response.headers == ["www-authenticate": "Bearer a=\"1\", Basic"])
    }

    @Test func `a provisional answer is not the answer`() async throws {
        let server = try RawServer(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nDate: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let receipts = Receipts()
        let response = try await client.send(.get(server.url, receipts))
        #expect(response.status == 200)
        #expect(receipts.statuses == [200])
    }

    @Test func `what a server says is escaped in the error`() async throws {
        let server = try RawServer("HTTP/1.1 \u{1B}[31m\r\n\r\n")
        do throws(TransportError) {
            _ = try await client.send(.get(server.url))
        } catch {
            #expect(!error.description.contains("\u{1B}"))
        }
    }
}
