/// What every ``HTTPClient`` promises: the real one and the one that tests put in its place.

import TestSupport
import Testing

@testable import TokenCore

struct HTTPClientConformanceTests {
    enum Kind: CaseIterable, Sendable {
        case curl
        case scripted
    }

    /// A client and where it finds the answers.
    private struct Subject {
        let client: any HTTPClient
        let url: String
        /// Keeps the server alive.
        var server: RawServer?
    }

    private func subject(
        _ kind: Kind, status: Int, headers: [String: String] = [:], body: String
    ) throws -> Subject {
        switch kind {
        case .scripted:
            return Subject(
                client: ScriptedHTTPClient(answering: { _ in .text(status, body, headers: headers) }
                ),
                url: "https://login.example/")
        case .curl:
            let lines = headers.map { "\($0): \($1)\r\n" }.sorted().joined()
            let server = try RawServer(
                "HTTP/1.1 \(status) X\r\n\(lines)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            return Subject(client: Self.curl, url: server.url, server: server)
        }
    }

    private func silent(_ kind: Kind) throws -> Subject {
        switch kind {
        case .scripted:
            return Subject(client: ScriptedHTTPClient(.noAnswer), url: "https://login.example/")
        case .curl:
            return Subject(
                client: Self.curl, url: "http://127.0.0.1:\(try LoopbackSocket.unusedPort())")
        }
    }

    private static let curl = CurlHTTPClient(
        settings: CurlSettings(allowsPlainHTTP: true, userAgent: "tests/1"))

    @Test(arguments: Kind.allCases, [200, 302, 400, 429, 503])
    func `any status is an answer, with its body and headers`(kind: Kind, status: Int) async throws
    {
        let subject = try subject(
            kind, status: status, headers: ["retry-after": "7"], body: "body")
        let response = try await subject.client.send(.get(subject.url))
        #expect(response.status == status)
        #expect(response.body == Array("body".utf8))
        #expect(response.headers == ["retry-after": "7"])
    }

    @Test(arguments: Kind.allCases, ["", "body"])
    func `the receipt comes once, whole, before the answer`(kind: Kind, body: String) async throws {
        let subject = try subject(kind, status: 201, body: body)
        let receipts = Receipts()
        let response = try await subject.client.send(
            .post(subject.url, [("a", "b")], receipts))
        #expect(receipts.statuses == [201])
        #expect(receipts.bodies == [response.body])
    }

    @Test(arguments: Kind.allCases)
    func `no answer is an error and no receipt`(kind: Kind) async throws {
        let subject = try silent(kind)
        let receipts = Receipts()
        let error = await #expect(throws: TransportError.self) {
            try await subject.client.send(.get(subject.url, receipts))
        }
        #expect(error?.kind == .unreachable)
        #expect(receipts.count == 0)
    }

    @Test(arguments: Kind.allCases)
    func `requests sent at once are all answered`(kind: Kind) async throws {
        let subject = try subject(kind, status: 200, body: "ok")
        let client = subject.client
        let url = subject.url
        let answered = await withTaskGroup(of: Int.self) { group in
            for _ in 1...10 {
                group.addTask { (try? await client.send(.get(url)).status) ?? 0 }
            }
            return await group.reduce(0) { $0 + ($1 == 200 ? 1 : 0) }
        }
        #expect(answered == 10)
    }
}
