/// What all transfers of a run share: time limits, whom to trust, how many at once.

internal import CCurl

public struct CurlSettings: Sendable {
    /// Name lookup, connection and TLS handshake together.
    public var connectTimeout: Duration
    /// The whole request, from the first lookup to the last byte.
    public var requestTimeout: Duration
    /// Requests in flight, 1 to 1024; so many connections are kept where HTTP/2 is not offered.
    public var concurrency: Int
    /// PEM bundle for verification; nil is the system's.
    public var certificateFile: String?
    /// Only for loopback hosts, which the configuration has checked.
    public var allowsPlainHTTP: Bool
    public var userAgent: String

    public init(
        connectTimeout: Duration = .seconds(10), requestTimeout: Duration = .seconds(30),
        concurrency: Int = 16, certificateFile: String? = nil, allowsPlainHTTP: Bool = false,
        userAgent: String
    ) {
        self.connectTimeout = connectTimeout
        self.requestTimeout = requestTimeout
        self.concurrency = concurrency
        self.certificateFile = certificateFile
        self.allowsPlainHTTP = allowsPlainHTTP
        self.userAgent = userAgent
    }

    var trust: CertificateTrust { CertificateTrust(file: certificateFile) }
}

/// Whom TLS believes. libcurl keeps a parsed CA bundle from one connection to the next only while no
/// CA directory is set, and Debian sets one: then each connection parses 139 roots, 20 ms and
/// megabytes apiece. So the directory is switched off wherever a bundle takes its place.
struct CertificateTrust: Sendable {
    let file: String?

    func apply(to handle: EasyHandle) throws(TransportError) {
        if let file {
            try handle.set(CURLOPT_CAINFO, file)
            try handle.set(CURLOPT_CAPATH, nil as String?)
        } else if CurlLibrary.hasSystemBundle {
            try handle.set(CURLOPT_CAPATH, nil as String?)
        }
    }
}
