/// The curl client over TLS against the sandbox, with everything that can go wrong on the way.

import FoundationEssentials
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct CurlHTTPClientTests {
    private func client(
        trusting sandbox: Sandbox?, concurrency: Int = 16, timeout: Duration = .seconds(20),
        allowsPlainHTTP: Bool = false
    ) -> CurlHTTPClient {
        CurlHTTPClient(
            settings: CurlSettings(
                connectTimeout: .seconds(10), requestTimeout: timeout, concurrency: concurrency,
                certificateFile: sandbox?.certificateFile, allowsPlainHTTP: allowsPlainHTTP,
                userAgent: "tests/1"))
    }

    private func refresh(
        _ sandbox: Sandbox, user: String = "7", _ receipts: Receipts? = nil
    ) -> HTTPRequest {
        .post(
            sandbox.baseURL + "/common/oauth2/v2.0/token",
            [
                ("client_id", sandbox.configuration.clientID ?? ""),
                ("client_secret", sandbox.configuration.clientSecret ?? ""),
                ("grant_type", "refresh_token"),
                ("refresh_token", Sandbox.refreshToken(user: user)),
            ], receipts)
    }

    /// The kind of failure of one refresh that suffers a fault; nil when it came through.
    private func failure(
        of fault: Fault, timeout: Duration = .seconds(20)
    ) async throws -> (kind: TransportError.Kind?, receipts: Receipts) {
        try await Sandbox.withSandbox { sandbox in
            sandbox.script(user: "7", faults: [fault])
            let receipts = Receipts()
            do throws(TransportError) {
                _ = try await client(trusting: sandbox, timeout: timeout)
                    .send(refresh(sandbox, receipts))
                return (nil, receipts)
            } catch {
                return (error.kind, receipts)
            }
        }
    }

    private func expect(
        _ status: Int, from client: CurlHTTPClient, for request: HTTPRequest,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let response = try await client.send(request)
        #expect(response.status == status, sourceLocation: sourceLocation)
    }

    // MARK: Success

    @Test func `a refresh over TLS brings tokens`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let receipts = Receipts()
            let response = try await client(trusting: sandbox).send(refresh(sandbox, receipts))
            #expect(response.status == 200)
            #expect(receipts.statuses == [200])
            #expect(receipts.bodies == [response.body])
            let tokens = try TokenResponse.decode(response.body, requestedAt: Date())
            #expect(
                tokens.refreshToken?.exposed == Sandbox.refreshToken(user: "7", generation: 1))
            #expect(response.headers["date"].flatMap(HTTPDate.parse) != nil)
            #expect(response.headers["x-ms-request-id"] == nil, "nobody reads it")
            #expect(response.headers["pragma"] == nil)
        }
    }

    @Test(arguments: [400, 401, 404, 429, 500, 503])
    func `an answer is an answer whatever its status`(status: Int) async throws {
        try await Sandbox.withSandbox { sandbox in
            sandbox.script(
                user: "7", faults: [Fault(.status(status, retryAfter: .seconds(7)))])
            let response = try await client(trusting: sandbox).send(refresh(sandbox))
            #expect(response.status == status)
            #expect(response.headers["retry-after"] == "7")
        }
    }

    @Test func `a GET after a POST on the same handle is a GET`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let client = client(trusting: sandbox)
            _ = try await client.send(refresh(sandbox))
            let token = Sandbox.accessToken(user: "7", expiresAt: Date() + 600)
            let probe = HTTPRequest(
                method: .get, url: sandbox.graphURL + "/me",
                headers: [("Authorization", Secret("Bearer \(token)"))])
            try await expect(200, from: client, for: probe)
            // Nor does the next one send the header of the last.
            try await expect(401, from: client, for: .get(sandbox.graphURL + "/me"))
            #expect(sandbox.requests.map(\.method) == ["POST", "GET", "GET"])
            #expect(sandbox.requests[1].fields.isEmpty)
        }
    }

    // MARK: Connections

    @Test func `a hundred requests share one connection`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let client = client(trusting: sandbox)
            for _ in 1...100 {
                try await expect(401, from: client, for: .get(sandbox.graphURL + "/me"))
            }
            #expect(sandbox.counts.received == 100)
            #expect(sandbox.counts.connections == 1)
        }
    }

    @Test func `sixty-four at once are all answered, each with its own`() async throws {
        var configuration = SandboxConfiguration()
        configuration.latency = .milliseconds(50)
        try await Sandbox.withSandbox(configuration) { sandbox in
            let client = client(trusting: sandbox, concurrency: 64)
            let owners = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for user in 1...64 {
                    let request = refresh(sandbox, user: String(user))
                    group.addTask {
                        let body = try await client.send(request).body
                        let tokens = try TokenResponse.decode(body, requestedAt: Date())
                        return (user, Sandbox.userOfAccessToken(tokens.accessToken.exposed))
                    }
                }
                return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
            }
            #expect(owners == Dictionary(uniqueKeysWithValues: (1...64).map { ($0, String($0)) }))
            #expect(sandbox.counts.connections <= 64)
        }
    }

    @Test func `no more connections are open than requests are allowed`() async throws {
        var configuration = SandboxConfiguration()
        configuration.latency = .milliseconds(20)
        try await Sandbox.withSandbox(configuration) { sandbox in
            let client = client(trusting: sandbox, concurrency: 4)
            await withTaskGroup(of: Void.self) { group in
                for _ in 1...40 {
                    let request = HTTPRequest.get(sandbox.graphURL + "/me")
                    group.addTask { _ = try? await client.send(request) }
                }
            }
            #expect(sandbox.counts.received == 40)
            #expect(sandbox.peakInFlight <= 4)
            #expect(sandbox.counts.connections <= 4)
        }
    }

    @Test func `a client that nobody holds any more still answers what was sent`() async throws {
        var configuration = SandboxConfiguration()
        configuration.latency = .milliseconds(50)
        try await Sandbox.withSandbox(configuration) { sandbox in
            let url = sandbox.graphURL + "/me"
            let status = try await client(trusting: sandbox).send(.get(url)).status
            #expect(status == 401)
        }
    }

    // MARK: Trust

    @Test func `a certificate that nobody vouches for is untrusted`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let receipts = Receipts()
            let error = await #expect(throws: TransportError.self) {
                try await client(trusting: nil).send(refresh(sandbox, receipts))
            }
            #expect(error?.kind == .untrusted)
            #expect(sandbox.counts.received == 0)
            #expect(receipts.count == 0)
        }
    }

    @Test func `a CA file that is missing is this machine's fault`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let client = CurlHTTPClient(
                settings: CurlSettings(certificateFile: "/nonexistent.pem", userAgent: "tests/1"))
            let error = await #expect(throws: TransportError.self) {
                try await client.send(refresh(sandbox))
            }
            #expect(error?.kind == .local)
        }
    }

    @Test func `plain HTTP is refused unless it is allowed`() async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        try await Sandbox.withSandbox(configuration) { sandbox in
            let error = await #expect(throws: TransportError.self) {
                try await client(trusting: nil).send(refresh(sandbox))
            }
            #expect(error?.kind == .local)
            #expect(sandbox.counts.connections == 0)
            let allowed = client(trusting: nil, allowsPlainHTTP: true)
            try await expect(200, from: allowed, for: refresh(sandbox))
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "", "::"])
    func `other protocols are never spoken`(url: String) async throws {
        let error = await #expect(throws: TransportError.self) {
            try await client(trusting: nil, allowsPlainHTTP: true).send(.get(url))
        }
        #expect(error?.kind == .local)
    }

    // MARK: No answer

    @Test func `a port that nobody listens on is unreachable`() async throws {
        let port = try LoopbackSocket.unusedPort()
        let error = await #expect(throws: TransportError.self) {
            try await client(trusting: nil).send(.get("https://127.0.0.1:\(port)/"))
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.code == 7)
        #expect(error?.message.isEmpty == false)
    }

    @Test func `a name that does not exist is unreachable`() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await client(trusting: nil).send(.get("https://no-such-host.invalid/"))
        }
        #expect(error?.kind == .unreachable)
    }

    @Test func `an answer that is too slow times out`() async throws {
        let (kind, receipts) = try await failure(
            of: Fault(.slow(milliseconds: 60_000)), timeout: .milliseconds(300))
        #expect(kind == .timedOut)
        #expect(receipts.count == 0)
    }

    @Test func `a connection that is cut before the answer is unreachable`() async throws {
        let (kind, receipts) = try await failure(of: Fault(.cut(.beforeHeaders)))
        #expect(kind == .unreachable)
        #expect(receipts.count == 0)
    }

    @Test(arguments: [Fault.Effect.cut(.midBody), .wrongLength(by: 10)])
    func `a body that ends early is no answer and no receipt`(effect: Fault.Effect) async throws {
        let (kind, receipts) = try await failure(of: Fault(effect))
        // Which of the two depends on whether TLS or HTTP notices first.
        #expect(kind == .badBody || kind == .unreachable)
        #expect(receipts.count == 0)
    }

    @Test func `a body over a mebibyte is refused`() async throws {
        let (kind, receipts) = try await failure(of: Fault(.huge(bytes: 2 << 20)))
        #expect(kind == .badBody)
        #expect(receipts.count == 0)
    }

    @Test func `a body just under a mebibyte comes whole`() async throws {
        let (kind, receipts) = try await failure(of: Fault(.huge(bytes: (1 << 20) - 8192)))
        #expect(kind == nil)
        #expect(receipts.bodies.map { $0.count > 1_000_000 } == [true])
    }

    @Test func `a client recovers after every failure`() async throws {
        try await Sandbox.withSandbox { sandbox in
            let client = client(trusting: sandbox)
            let faults: [Fault.Effect] = [
                .cut(.beforeHeaders), .cut(.midBody), .wrongLength(by: 5), .huge(bytes: 2 << 20),
            ]
            for effect in faults {
                sandbox.script(user: "7", faults: [Fault(effect)])
                await #expect(throws: TransportError.self) {
                    try await client.send(refresh(sandbox))
                }
                sandbox.clearFaults()
                let receipts = Receipts()
                try await expect(200, from: client, for: refresh(sandbox, receipts))
                #expect(receipts.count == 1)
            }
        }
    }
}
