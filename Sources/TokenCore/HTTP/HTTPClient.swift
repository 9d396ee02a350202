/// The seam between the protocols and the network: one method. Tests put a script behind it.

public protocol HTTPClient: Sendable {
    /// Sends one request and hands over whatever was answered, whatever its status, or why no complete
    /// answer arrived. Never retries and never follows a redirect, since both could carry a credential to
    /// where it does not belong.
    /// - Parameter completion: Called once, on whatever thread the answer came in on, or on the caller's when
    ///   nothing could be sent; it must not hold it for long.
    func start(_ request: HTTPRequest, completion: @escaping HTTPCompletion)
}

public typealias HTTPCompletion = @Sendable (Result<HTTPResponse, TransportError>) -> Void

extension HTTPClient {
    /// ``start(_:completion:)`` for one who waits.
    /// - Throws: ``TransportError`` when no complete answer arrived.
    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let result = await withCheckedContinuation { continuation in
            start(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}

/// No complete answer arrived: name lookup, connection, TLS, timeout, or a body cut or too long.
public struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// No connection, or one that broke.
        case unreachable
        case timedOut
        /// The server's certificate is not trusted, or TLS could not be agreed.
        case untrusted
        /// The body passed ``AnswerLimit/bodySize``, or ended before its announced length, or what
        /// came was no HTTP.
        case badBody
        /// This machine: no CA bundle, out of memory, a refused option.
        case local
    }

    public let kind: Kind
    /// libcurl's code, see libcurl-errors(3).
    public let code: Int
    /// libcurl's own sentence.
    public let message: String

    public init(kind: Kind, code: Int = 0, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    /// A connection that was made, and broke under the requests that it carried: nothing was sent or read
    /// any more, a body ended early, or HTTP/2 or one of its streams did (libcurl-errors(3)).
    var isBrokenConnection: Bool { [16, 18, 52, 55, 56, 92].contains(code) }

    public var description: String { code == 0 ? message : "\(message) (curl \(code))" }
}
