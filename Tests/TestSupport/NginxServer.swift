/// The real nginx in front of something on loopback: HTTP/2, HTTP/1.1 and TLS as others speak them.
/// Own directory, own certificate, own port; ended with its owner.

internal import FoundationEssentials
internal import Glibc

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
    ///   - upstream: `http://host:port` to pass requests on to; nil answers `ok` itself.
    public init(
        listen: String, server: String = "", host: String = "127.0.0.1", upstream: String? = nil
    ) throws {
        guard
            let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].first(
                where: FileManager.default.isExecutableFile)
        else { throw Failure.missing }
        let directory = try TemporaryDirectory()
        self.directory = directory
        certificateFile = directory.file("certificate.pem")
        try Self.makeCertificate(for: host, in: directory)
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

    /// One line a request: protocol, TLS version, the number of its connection.
    public var requests: [(protocol: String, tls: String, connection: String)] {
        String(decoding: directory.contents("access.log") ?? [], as: UTF8.self)
            .split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], words[1], words[2])
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
              log_format short '$server_protocol $ssl_protocol $connection';
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

    private static func makeCertificate(for host: String, in directory: TemporaryDirectory) throws {
        let kind = host.first?.isNumber == true ? "IP" : "DNS"
        let openssl = try ChildProcess([
            "openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-addext", "subjectAltName=\(kind):\(host)",
            "-keyout", directory.file("key.pem"), "-out", directory.file("certificate.pem"),
        ])
        guard openssl.wait() == 0 else { throw Failure.noStart(log: "openssl failed") }
    }
}
