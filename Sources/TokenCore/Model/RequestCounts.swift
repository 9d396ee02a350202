/// Requests of a pass by where they went and what came back, retries included.

public struct RequestCounts: Equatable, Sendable {
    public enum Endpoint: String, CaseIterable, Sendable {
        case token
        case graph
    }

    /// A closed set, so that every series exists from the first pass on: the statuses that mean
    /// something of their own, and the classes of the others.
    public enum Code: String, CaseIterable, Sendable {
        case success = "2xx"
        case redirect = "3xx"
        case badRequest = "400"
        case unauthorized = "401"
        case forbidden = "403"
        case notFound = "404"
        case throttled = "429"
        case otherClientError = "4xx"
        case serverError = "5xx"
        /// No answer, or none that was complete.
        case none

        /// - Parameter status: HTTP status; nil when no answer arrived.
        public init(status: Int?) {
            self =
                switch status {
                case nil: .none
                case let status?: Code(rawValue: String(status)) ?? Code(class: status)
                }
        }

        private init(class status: Int) {
            self =
                switch status {
                case ..<300: .success
                case ..<400: .redirect
                case ..<500: .otherClientError
                default: .serverError
                }
        }
    }

    private struct Key: Hashable {
        let endpoint: Endpoint
        let code: Code
    }

    private var counts: [Key: Int] = [:]

    public init() {}

    public mutating func add(_ endpoint: Endpoint, status: Int?) {
        counts[Key(endpoint: endpoint, code: Code(status: status)), default: 0] += 1
    }

    public subscript(_ endpoint: Endpoint, _ code: Code) -> Int {
        counts[Key(endpoint: endpoint, code: code)] ?? 0
    }
}
