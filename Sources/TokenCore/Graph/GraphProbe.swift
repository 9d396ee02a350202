/// One harmless read that shows whether an access token is accepted. It says nothing about the
/// refresh token, and never changes what is stored of it.

public import FoundationEssentials

public enum ProbeResult: Equatable, Sendable {
    case ok
    /// The access token is not accepted; with claims when the resource wants others in it.
    case unauthorized(claims: String?)
    /// The token is fine; a scope, a licence or a policy is not.
    case forbidden
    /// The token is fine; Graph does not find its user.
    case notFound
    case throttled(retryAfter: Duration?)
    /// It says nothing about the token; in our words, with the request's ID.
    case error(message: String)
}

public struct GraphProbe: Sendable {
    private let url: String
    private let http: any HTTPClient
    private let now: @Sendable () -> Date

    /// - Parameter root: Of the API version, for example `https://graph.microsoft.com/v1.0`.
    public init(
        root: String, http: any HTTPClient, now: @escaping @Sendable () -> Date
    ) {
        url = root + (root.hasSuffix("/") ? "me" : "/me")
        self.http = http
        self.now = now
    }

    /// Sends one `GET {root}/me`. Only the status decides: Graph's error codes are too many and too
    /// fickle ("Microsoft Graph error responses and resource types").
    public func probe(_ accessToken: Secret) async -> ProbeResult {
        // What could not be in a header can't be a token either (RFC 6750 §2.1).
        guard accessToken.isBearerToken else { return .unauthorized(claims: nil) }
        let requestID = RandomID.make()
        let request = HTTPRequest(
            method: .get, url: url,
            headers: [
                ("Authorization", Secret("Bearer " + accessToken.exposed)),
                ("Accept", Secret("application/json")),
                ("client-request-id", Secret(requestID)),
            ])
        do throws(TransportError) {
            return result(of: try await http.send(request), requestID: requestID)
        } catch {
            return .error(
                message:
                    "no answer from Graph: \(error.description.sanitized()), request \(requestID)")
        }
    }

    private func result(of response: HTTPResponse, requestID: String) -> ProbeResult {
        switch response.status {
        case 200..<300: .ok
        case 401:
            .unauthorized(
                claims: response.headers["www-authenticate"].flatMap(ClaimsChallenge.claims))
        case 403: .forbidden
        case 404: .notFound
        // 509: the bandwidth limit ("Microsoft Graph throttling guidance").
        case 429, 509: .throttled(retryAfter: retryAfter(response))
        default: .error(message: "Graph answered HTTP \(response.status), request \(requestID)")
        }
    }

    private func retryAfter(_ response: HTTPResponse) -> Duration? {
        response.headers["retry-after"].flatMap {
            RetryAfter.duration(
                $0, serverTime: response.headers["date"].flatMap(HTTPDate.parse) ?? now())
        }
    }
}
