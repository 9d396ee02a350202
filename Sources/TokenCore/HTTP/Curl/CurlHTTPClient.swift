/// ``HTTPClient`` on libcurl: connections are kept and shared, HTTP/2 where the server offers it.

public final class CurlHTTPClient: HTTPClient {
    private let loop: TransferLoop

    /// Costs nothing until the first request is sent.
    public init(settings: CurlSettings) {
        loop = TransferLoop(settings: settings)
    }

    deinit { loop.close() }

    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let result = await withCheckedContinuation { (continuation: TransferContinuation) in
            loop.submit(request, continuation)
        }
        return try result.get()
    }
}
