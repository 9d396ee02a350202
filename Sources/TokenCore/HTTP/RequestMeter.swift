/// Counts what is sent and what comes back, between a protocol and the network: each request once,
/// however often the pass tries.

internal import Synchronization

public final class RequestMeter: Sendable {
    private let memory = Mutex(RequestCounts())

    public init() {}

    public var counts: RequestCounts { memory.withLock { $0 } }

    /// The same network, counted as one of the endpoints.
    public func measuring(
        _ http: any HTTPClient, as endpoint: RequestCounts.Endpoint
    ) -> any HTTPClient {
        MeasuredHTTPClient(http: http, meter: self, endpoint: endpoint)
    }

    fileprivate func add(_ endpoint: RequestCounts.Endpoint, status: Int?) {
        memory.withLock { $0.add(endpoint, status: status) }
    }
}

private struct MeasuredHTTPClient: HTTPClient {
    let http: any HTTPClient
    let meter: RequestMeter
    let endpoint: RequestCounts.Endpoint

    func start(_ request: HTTPRequest, completion: @escaping HTTPCompletion) {
        http.start(request) { [meter, endpoint] result in
            switch result {
            case .success(let response): meter.add(endpoint, status: response.status)
            // A refused option or a missing CA bundle: nothing was sent.
            case .failure(let error) where error.kind == .local: break
            case .failure: meter.add(endpoint, status: nil)
            }
            completion(result)
        }
    }
}
