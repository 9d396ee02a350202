public import FoundationEssentials

/// One request as the sandbox saw it; names of form fields, never a token or a secret.
public struct RecordedRequest: Sendable, Equatable, Encodable {
    /// 1 for the first request since the start or the last reset.
    public internal(set) var sequence = 0
    public let receivedAt: Date
    public let method: String
    /// Path without query.
    public let path: String
    /// `nil` for metadata and unknown routes.
    public let endpoint: Fault.Endpoint?
    /// The user whose token was sent; `nil` when the token could not be read.
    public let user: String?
    public let grantType: String?
    /// Names of the form fields, sorted, once for each time they were sent.
    public let fields: [String]
    public let scope: String?
    /// The `claims` parameter of the request.
    public let claims: String?
    public let clientRequestID: String?
    /// TCP port of the client.
    public let clientPort: Int?
    /// Requests under way when this one arrived, itself included.
    public internal(set) var inFlight = 0
    /// Status of the answer; 0 when the connection was cut or lost; `nil` while it is under way.
    public internal(set) var status: Int?
    /// Whether the kernel has taken the whole answer; on loopback it is the client's by then.
    public internal(set) var isSent = false

    enum CodingKeys: String, CodingKey {
        case sequence, method, path, endpoint, user, fields, scope, claims, status
        case receivedAt = "received_at"
        case grantType = "grant_type"
        case clientRequestID = "client_request_id"
        case inFlight = "in_flight"
    }
}

/// Totals since the start or the last reset; unlike the records they are complete.
public struct RequestCounts: Sendable, Equatable {
    public internal(set) var received = 0
    /// Answered requests by status; 0 counts the cut and lost connections.
    public internal(set) var byStatus: [Int: Int] = [:]
    public internal(set) var token = 0
    public internal(set) var deviceCode = 0
    public internal(set) var graph = 0
    /// TCP connections accepted.
    public internal(set) var connections = 0

    public init() {}
}

/// The record of requests: what came, how it was answered, and how much of it at once.
struct RequestLog {
    private let limit: Int
    private(set) var requests: [RecordedRequest] = []
    private(set) var counts = RequestCounts()
    private(set) var inFlight = 0
    private(set) var peakInFlight = 0
    /// Sequence numbers from before the last reset are no longer ours to complete.
    private var offset = 0

    init(limit: Int) { self.limit = limit }

    mutating func connected() { counts.connections += 1 }

    /// - Returns: A number for ``finish(_:status:)``.
    mutating func begin(_ request: RecordedRequest) -> Int {
        counts.received += 1
        inFlight += 1
        peakInFlight = max(peakInFlight, inFlight)
        switch request.endpoint {
        case .token: counts.token += 1
        case .deviceCode: counts.deviceCode += 1
        case .graph: counts.graph += 1
        case nil: break
        }
        if requests.count < limit {
            var request = request
            request.sequence = counts.received
            request.inFlight = inFlight
            requests.append(request)
        }
        return offset + counts.received
    }

    func sequence(of number: Int) -> Int { number - offset }

    mutating func finish(_ number: Int, status: Int) {
        inFlight -= 1
        let sequence = number - offset
        guard sequence > 0 else { return }
        counts.byStatus[status, default: 0] += 1
        if sequence <= requests.count { requests[sequence - 1].status = status }
    }

    mutating func sent(_ number: Int) {
        let sequence = number - offset
        if sequence > 0, sequence <= requests.count { requests[sequence - 1].isSent = true }
    }

    mutating func reset() {
        offset += counts.received
        requests.removeAll()
        counts = RequestCounts()
        peakInFlight = inFlight
    }
}
