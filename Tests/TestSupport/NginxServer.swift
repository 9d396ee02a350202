/// The real nginx in front of something on loopback: HTTP/2, HTTP/1.1 and TLS as others speak them.
/// Own directory, own certificate, own port; ended with its owner.

internal import FoundationEssentials
internal import Glibc
internal import TokenCore

public final class NginxServer: Sendable {
    public enum Failure: Error, CustomStringConvertible {
        case missing
        case noStart(log: String)

        public var description: String {
            switch self {
            case .missing: "nginx is not installed: run `make setup`, which installs it"
            case .noStart(let log): "nginx did not start: \(log)"
            }
        }
    }

    public let port: Int
    /// PEM of the certificate, which is its own authority.
    public let certificateFile: String
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// - Parameters:
    ///   - listen: What follows the address in `listen`, for example `ssl http2`.
    ///   - server: More directives of the server block.
    ///   - host: Whom the certificate names.
    ///   - isExpired: Whether the certificate ended yesterday.
    ///   - upstream: `http://host:port` to pass requests on to; nil answers `ok` itself.
    public init(
        listen: String, server: String = "", host: String = "127.0.0.1", isExpired: Bool = false,
        upstream: String? = nil
    ) throws {
        guard
            let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].first(
                where: FileManager.default.isExecutableFile)
        else { throw Failure.missing }
        let directory = try TemporaryDirectory()
        self.directory = directory
        certificateFile = directory.file("certificate.pem")
        try Self.makeCertificate(for: host, isExpired: isExpired, in: directory)
        var log = ""
        // Between the choice of a port and its use somebody else may take it.
        for _ in 1...5 {
            let port = try LoopbackSocket.unusedPort()
            try directory.write(
                Self.configuration(
                    directory, port: port, listen: listen, server: server, upstream: upstream),
                to: "nginx.conf")
            let process = try ChildProcess([
                program, "-p", directory.path, "-c", directory.file("nginx.conf"),
                "-e", directory.file("error.log"),
            ])
            var isRunning = true
            while isRunning, !LoopbackSocket.isOpen(port: port) {
                usleep(5000)
                isRunning = process.isRunning
            }
            if isRunning {
                self.port = port
                self.process = process
                return
            }
            log = String(decoding: directory.contents("error.log") ?? [], as: UTF8.self)
        }
        throw Failure.noStart(log: log)
    }

    deinit {
        process.stop()
    }

    public var url: String { "https://127.0.0.1:\(port)" }

    /// A line of the access log.
    public struct Entry: Sendable {
        public let `protocol`: String
        public let tls: String
        /// The number of its connection.
        public let connection: String
        /// Whether that began with the session of an earlier one.
        public let isResumed: Bool
    }

    public var requests: [Entry] {
        String(decoding: directory.contents("access.log") ?? [], as: UTF8.self)
            .split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return Entry(
                    protocol: words[0], tls: words[1], connection: words[2],
                    isResumed: words[3] == "r")
            }
    }

    /// The same, once so many are written down: nginx answers first.
    /// - Throws: ``ProgramFailure`` when they never are.
    public func requests(atLeast count: Int) async throws -> [Entry] {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let requests = requests
            if requests.count >= count { return requests }
            guard ContinuousClock.now < deadline else {
                throw ProgramFailure(message: "nginx wrote down \(requests.count) of \(count)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func configuration(
        _ directory: TemporaryDirectory, port: Int, listen: String, server: String,
        upstream: String?
    ) -> String {
        let answer =
            upstream.map { "proxy_pass \($0); proxy_http_version 1.1;" } ?? #"return 200 "ok";"#
        return """
            daemon off; master_process off;
            pid \(directory.file("nginx.pid"));
            events { worker_connections 1024; }
            http {
              log_format short '$server_protocol $ssl_protocol $connection $ssl_session_reused';
              access_log \(directory.file("access.log")) short;
              client_body_temp_path \(directory.file("body"));
              proxy_temp_path \(directory.file("proxy"));
              fastcgi_temp_path \(directory.file("fastcgi"));
              scgi_temp_path \(directory.file("scgi"));
              uwsgi_temp_path \(directory.file("uwsgi"));
              keepalive_requests 100000;
              server {
                listen 127.0.0.1:\(port) \(listen);
                ssl_certificate \(directory.file("certificate.pem"));
                ssl_certificate_key \(directory.file("key.pem"));
                \(server)
                location / { \(answer) }
              }
            }
            """
    }

    private static func makeCertificate(
        for host: String, isExpired: Bool, in directory: TemporaryDirectory
    ) throws {
        let kind = host.first?.isNumber == true ? "IP" : "DNS"
        let (key, request) = (directory.file("key.pem"), directory.file("request.pem"))
        let name = "subjectAltName=\(kind):\(host)"
        try run([
            "req", "-new", "-nodes", "-subj", "/CN=localhost", "-addext", name,
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", key,
            "-out", request,
        ])
        // Of openssl's commands this one alone can date a certificate back.
        try directory.write(
            """
            [ca]
            default_ca = own
            [own]
            database = \(directory.file("index"))
            new_certs_dir = \(directory.path)
            serial = \(directory.file("serial"))
            default_md = sha256
            policy = any
            x509_extensions = extensions
            [any]
            commonName = supplied
            [extensions]
            basicConstraints = CA:TRUE
            \(name.replacing("=", with: " = "))
            """, to: "ca.cnf")
        try directory.write("", to: "index")
        let day = 86_400.0
        let (start, end) = isExpired ? (-9 * day, -day) : (-day, 2 * day)
        try run([
            "ca", "-batch", "-selfsign", "-notext", "-config", directory.file("ca.cnf"),
            "-create_serial", "-keyfile", key, "-in", request,
            "-out", directory.file("certificate.pem"),
            "-startdate", date(start), "-enddate", date(end),
        ])
    }

    /// Seconds from now as GeneralizedTime (RFC 5280 §4.1.2.5.2).
    private static func date(_ seconds: Double) -> String {
        let time = CalendarTime(utcSeconds: Int64(Date().timeIntervalSince1970 + seconds))
        return time.text(separator: " ").filter(\.isNumber) + "Z"
    }

    private static func run(_ arguments: [String]) throws {
        let openssl = try ChildProcess(["openssl"] + arguments)
        guard openssl.wait() == 0 else { throw Failure.noStart(log: "openssl failed") }
    }
}
