/// Redeems grants at the tenant's token endpoint, one form `POST` each.

public import FoundationEssentials

public struct TokenEndpoint: Sendable {
    let registration: ClientRegistration
    let http: any HTTPClient
    let now: @Sendable () -> Date

    public init(
        registration: ClientRegistration, http: any HTTPClient,
        now: @escaping @Sendable () -> Date
    ) {
        self.registration = registration
        self.http = http
        self.now = now
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
        onReceipt: (@Sendable (_ status: Int, _ body: [UInt8], _ requestedAt: Date) -> Void)? = nil
    ) async -> Redemption {
        let correlationID = RandomID.make()
        let requestedAt = now()
        var report: (@Sendable (Int, [UInt8]) -> Void)?
        if let onReceipt { report = { onReceipt($0, $1, requestedAt) } }
        let request = HTTPRequest(
            method: .post(form: grant.form(for: registration, claims: claims)),
            url: registration.authority.tokenEndpoint,
            headers: Self.headers(correlationID: correlationID),
            onReceipt: report)
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await http.send(request)
        } catch {
            return Redemption(
                result: .failure(Classification.error(error, correlationID: correlationID)),
                requestedAt: requestedAt, clockSkew: nil, correlationID: correlationID, status: nil)
        }
        let answeredAt = now()
        let serverTime = response.headers["date"].flatMap(HTTPDate.parse)
        return Redemption(
            result: Self.result(
                of: response, serverTime: serverTime ?? answeredAt, requestedAt: requestedAt,
                correlationID: correlationID),
            requestedAt: requestedAt,
            clockSkew: serverTime.map { Self.skew(of: $0, between: requestedAt, and: answeredAt) },
            correlationID: correlationID, status: response.status)
    }

    static func headers(correlationID: String) -> [(name: String, value: Secret)] {
        [
            ("Accept", "application/json"),
            ("client-request-id", correlationID),
            ("return-client-request-id", "true"),
            // Promises to obey 429 and Retry-After, as Microsoft's own libraries do.
            ("x-ms-lib-capability", "retry-after, h429"),
        ].map { ($0.0, Secret($0.1)) }
    }

    private static func result(
        of response: HTTPResponse, serverTime: Date, requestedAt: Date, correlationID: String
    ) -> Result<TokenSet, TokenEndpointError> {
        let retryAfter = response.headers["retry-after"].flatMap {
            RetryAfter.duration($0, serverTime: serverTime)
        }
        // RFC 6749 §5.1 says 200; tokens in any other 2xx are tokens all the same.
        guard 200..<300 ~= response.status else {
            return .failure(
                Classification.error(
                    status: response.status, body: response.body, retryAfter: retryAfter,
                    correlationID: correlationID))
        }
        do throws(MalformedTokenResponse) {
            return .success(try TokenResponse.decode(response.body, requestedAt: requestedAt))
        } catch {
            return .failure(
                Classification.unreadableSuccess(
                    error, status: response.status, retryAfter: retryAfter,
                    correlationID: correlationID))
        }
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
    /// Our clock before the request was sent.
    public let requestedAt: Date
    /// The server's clock minus ours, to about a second; nil when it told no time.
    public let clockSkew: Duration?
    /// The GUID that was sent as `client-request-id`, in lower case.
    public let correlationID: String
    /// HTTP status; nil when no answer arrived.
    public let status: Int?

    public init(
        result: Result<TokenSet, TokenEndpointError>, requestedAt: Date, clockSkew: Duration?,
        correlationID: String, status: Int?
    ) {
        self.result = result
        self.requestedAt = requestedAt
        self.clockSkew = clockSkew
        self.correlationID = correlationID
        self.status = status
    }
}
