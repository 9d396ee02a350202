/// Redeems grants at the tenant's token endpoint, one form `POST` each.

public import FoundationEssentials

/// Told of a body that arrived, before anything else can fail.
public typealias TokenReceipt =
    @Sendable (_ status: Int, _ body: [UInt8], _ requestedAt: Date) -> Void

public struct TokenEndpoint: Sendable {
    let registration: ClientRegistration
    let http: any HTTPClient
    let now: @Sendable () -> Date
    private let url: String

    public init(
        registration: ClientRegistration, http: any HTTPClient,
        now: @escaping @Sendable () -> Date
    ) {
        self.registration = registration
        self.http = http
        self.now = now
        url = registration.authority.tokenEndpoint
    }

    /// Exchanges a grant for tokens. Sends one form-encoded `POST` and never retries.
    ///
    /// - Parameters:
    ///   - grant: What is offered, for example a refresh token.
    ///   - claims: JSON from a claims challenge, sent unchanged.
    ///   - onReceipt: Called with whatever body arrived, whatever its status, before anything else can
    ///     fail, and again if more of it comes; on the transfer's thread, which it must not hold for
    ///     long. A body that ``TokenResponse/decode(_:requestedAt:)`` accepts holds tokens.
    /// - SeeAlso: RFC 6749 §4–6, RFC 8628 §3.4.
    public func redeem(
        _ grant: Grant, claims: String? = nil,
        onReceipt: TokenReceipt? = nil
    ) async -> Redemption {
        await withCheckedContinuation { continuation in
            start(grant, claims: claims, onReceipt: onReceipt) { reply in
                continuation.resume(returning: reply.read())
            }
        }
    }

    /// As ``redeem(_:claims:onReceipt:)``, without a task that waits: a pass has hundreds under way.
    /// - Parameter completion: Called once, as a rule on the transfer's thread, which it must not hold for
    ///   long: so the reply is handed over unread.
    func start(
        _ grant: Grant, claims: String? = nil,
        onReceipt: TokenReceipt? = nil,
        completion: @escaping @Sendable (TokenReply) -> Void
    ) {
        let correlationID = RandomID.make()
        let requestedAt = now()
        let arrival = Arrival()
        let request = HTTPRequest(
            method: .post(form: grant.form(for: registration, claims: claims)),
            url: url,
            headers: Self.headers(correlationID: correlationID),
            onReceipt: { status, body in
                onReceipt?(status, body, requestedAt)
                arrival.note(HTTPResponse(status: status, body: body))
            })
        http.start(request) { [now] result in
            completion(
                TokenReply(
                    result: result, arrived: arrival.response, correlationID: correlationID,
                    requestedAt: requestedAt,
                    answeredAt: now()))
        }
    }

    static func headers(correlationID: String) -> [(name: String, value: Secret)] {
        [
            ("Accept", Secret("application/json")),
            ("client-request-id", Secret(correlationID)),
            ("return-client-request-id", Secret("true")),
            // Promises to obey 429 and Retry-After, as Microsoft's own libraries do.
            ("x-ms-lib-capability", Secret("retry-after, h429")),
        ]
    }

    /// Half-way through the exchange is our best guess of when the server looked at its clock.
    static func skew(of serverTime: Date, between start: Date, and end: Date) -> Duration {
        let middle = start.addingTimeInterval(end.timeIntervalSince(start) / 2)
        return .seconds(serverTime.timeIntervalSince(middle))
    }
}

/// What one redemption came to.
public struct Redemption: Sendable {
    public let result: Result<TokenSet, TokenEndpointError>
    /// The server's clock minus ours, to about a second; nil when it told no time.
    public let clockSkew: Duration?
    /// The GUID that was sent as `client-request-id`, in lower case.
    public let correlationID: String
    /// HTTP status; nil when no answer arrived.
    public let status: Int?

    public init(
        result: Result<TokenSet, TokenEndpointError>, clockSkew: Duration?,
        correlationID: String, status: Int?
    ) {
        self.result = result
        self.clockSkew = clockSkew
        self.correlationID = correlationID
        self.status = status
    }
}
