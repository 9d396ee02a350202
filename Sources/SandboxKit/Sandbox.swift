import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A loopback server that answers like Microsoft's token endpoint and Graph's `/me`, and misbehaves
/// on request: for tests in process, and behind `teams-sandbox` for people.
///
///     try await Sandbox.withSandbox { sandbox in
///         sandbox.script(user: "7", faults: [Fault(.refused("invalid_grant", codes: [50_173]))])
///         // point a client at sandbox.baseURL, trusting sandbox.certificateFile
///     }
///
/// Bound to 127.0.0.1 only; HTTP/1.1 with keep-alive and pipelining. Several sandboxes in one
/// process share nothing but their threads.
public final class Sandbox: Sendable {
    /// As given to ``start(_:)``.
    public let configuration: SandboxConfiguration
    /// `https://127.0.0.1:port`, no final slash: the authority host.
    public let baseURL: String
    /// PEM file of the authority to trust; `nil` over plain HTTP.
    public let certificateFile: String?

    private let ledger: Ledger
    private let listener: any Channel
    private let certificate: ServerCertificate?

    /// Graph's root, `{base}/v1.0`.
    public var graphURL: String { baseURL + "/v1.0" }

    /// The TCP port it listens on.
    public var port: Int { listener.localAddress?.port ?? 0 }

    private init(
        configuration: SandboxConfiguration, ledger: Ledger, listener: any Channel,
        certificate: ServerCertificate?
    ) {
        self.configuration = configuration
        self.ledger = ledger
        self.listener = listener
        self.certificate = certificate
        certificateFile = certificate?.authorityFile
        baseURL = Self.baseURL(of: listener, usesTLS: certificate != nil)
    }

    // MARK: Life

    /// Makes a certificate (two runs of `openssl`, some 30 ms) and listens.
    ///
    /// - Throws: ``SandboxError`` without `openssl`; `IOError` when the port is taken.
    public static func start(
        _ configuration: SandboxConfiguration = SandboxConfiguration()
    ) async throws -> Sandbox {
        let certificate = configuration.usesTLS ? try await ServerCertificate.make() : nil
        do {
            let ledger = Ledger(configuration)
            let listener = try await listen(
                Service(configuration: configuration, ledger: ledger), certificate)
            certificate?.eraseKeys()
            return Sandbox(
                configuration: configuration, ledger: ledger, listener: listener,
                certificate: certificate)
        } catch {
            certificate?.erase()
            throw error
        }
    }

    /// Closes the port and every connection, and erases the certificate. Again is harmless.
    public func stop() async {
        let connections = ledger.stop()
        try? await listener.close()
        for connection in connections { connection.eventLoop.execute { connection.cut() } }
        for connection in connections { try? await connection.closeFuture.get() }
        certificate?.erase()
    }

    /// Runs `body` with a sandbox that is stopped afterwards, whatever happens.
    public static func withSandbox<Result>(
        _ configuration: SandboxConfiguration = SandboxConfiguration(),
        _ body: (Sandbox) async throws -> Result
    ) async throws -> Result {
        let sandbox = try await start(configuration)
        do {
            let result = try await body(sandbox)
            await sandbox.stop()
            return result
        } catch {
            await sandbox.stop()
            throw error
        }
    }

    // MARK: Script

    /// Replaces what is to go wrong for a user, or for everybody (`*`).
    public func script(user: String, faults: [Fault]) {
        ledger.apply(SandboxScript(faults: [user: faults]))
    }

    /// Applies a script file's content.
    public func apply(_ script: SandboxScript) { ledger.apply(script) }

    /// Removes all faults.
    public func clearFaults() { ledger.clearFaults() }

    /// Who answers the device codes issued from now on, and how.
    public func script(deviceLogin: DeviceLogin) {
        ledger.apply(SandboxScript(deviceLogin: deviceLogin))
    }

    // MARK: Questions

    /// The requests so far, in order of arrival (see ``SandboxConfiguration/recordedRequestLimit``).
    public var requests: [RecordedRequest] { ledger.requests }

    /// How many requests came, of which kind, answered how.
    public var counts: RequestCounts { ledger.counts }

    /// Requests under way: received completely, answer not begun.
    public var inFlight: Int { ledger.inFlight }

    /// The most requests that were under way at once.
    public var peakInFlight: Int { ledger.peakInFlight }

    /// Lets requests arrive and keeps their answers back until ``release()``: what happens in between
    /// happens during the request, however slow the machine is.
    ///
    /// - Parameter sequence: The first request whose answer is held, counted as in ``requests``.
    public func hold(from sequence: Int = 1) { ledger.hold(from: sequence) }

    /// Sends the answers that were held.
    public func release() { ledger.hold(from: nil) }

    /// Forgets requests, counts and peak.
    public func resetRequests() { ledger.resetRequests() }

    /// Returns once so many requests have arrived since the start or the last reset (or the task is
    /// cancelled, or the sandbox stops): for acting while one is under way, without sleeping.
    public func waitForRequests(atLeast count: Int) async { await ledger.wait(forRequests: count) }

    /// Generation of the newest refresh token that a user was given; 0 when none was.
    public func generation(of user: String) -> Int { ledger.generation(of: user) }

    // MARK: Server

    private static func listen(
        _ service: Service, _ certificate: ServerCertificate?
    ) async throws -> any Channel {
        let tls = try certificate.map(tlsContext)
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard service.ledger.opened(channel) else {
                        throw ChannelError.ioOnClosedChannel
                    }
                    channel.closeFuture.whenComplete { _ in service.ledger.closed(channel) }
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true)
                    let baseURL = baseURL(of: channel, usesTLS: tls != nil)
                    try pipeline.addHandler(ExchangeHandler(service: service, baseURL: baseURL))
                }
            }
            .bind(host: "127.0.0.1", port: service.configuration.port).get()
    }

    private static func tlsContext(_ certificate: ServerCertificate) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate.chainFile)
        let key = try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: tls)
    }

    private static func baseURL(of channel: any Channel, usesTLS: Bool) -> String {
        "\(usesTLS ? "https" : "http")://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }
}
