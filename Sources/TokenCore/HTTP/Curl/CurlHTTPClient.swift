/// ``HTTPClient`` on libcurl: connections are kept and shared, HTTP/2 where the server offers it.

public final class CurlHTTPClient: HTTPClient {
    private let loop: TransferLoop

    /// Costs nothing until the first request is sent.
    public init(settings: CurlSettings) {
        loop = TransferLoop(settings: settings)
    }

    deinit { loop.close() }

    public func start(_ request: HTTPRequest, completion: @escaping HTTPCompletion) {
        loop.submit(request, completion)
    }
}
