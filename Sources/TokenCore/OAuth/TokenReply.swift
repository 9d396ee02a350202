/// What the token endpoint said, or that it said nothing, from the bytes to what they mean.

internal import FoundationEssentials
internal import Synchronization

/// Where a transfer leaves what it has read before anybody knows how it will end.
final class Arrival: Sendable {
    private let latest = Mutex<HTTPResponse?>(nil)

    func note(_ response: HTTPResponse) { latest.withLock { $0 = response } }

    var response: HTTPResponse? { latest.withLock { $0 } }
}

/// What came back for one redemption, not read yet.
struct TokenReply: Sendable {
    let result: Result<HTTPResponse, TransportError>
    /// What looked like a whole answer, whether or not its transfer came to its end.
    let arrived: HTTPResponse?
    /// The GUID that was sent as `client-request-id`, in lower case.
    let correlationID: String
    /// Our clock before the request was sent, and when its answer was there.
    let requestedAt: Date
    let answeredAt: Date

    /// Tokens, or why there are none.
    func read() -> Redemption {
        switch result {
        case .failure(let error):
            // The last chunk never came, or the connection broke where it should have been closed. But the
            // tokens are here whole, and the ones before them are spent.
            if let arrived, 200..<300 ~= arrived.status,
                let tokens = try? TokenResponse.decode(arrived.body, requestedAt: requestedAt)
            {
                return Redemption(
                    result: .success(tokens), clockSkew: nil, correlationID: correlationID,
                    status: arrived.status)
            }
            return Redemption(
                result: .failure(Classification.error(error, correlationID: correlationID)),
                clockSkew: nil, correlationID: correlationID, status: nil)
        case .success(let response):
            let serverTime = response.headers["date"].flatMap(HTTPDate.parse)
            return Redemption(
                result: response.decoded(
                    serverTime: serverTime ?? answeredAt, correlationID: correlationID
                ) { body throws(MalformedTokenResponse) in
                    try TokenResponse.decode(body, requestedAt: requestedAt)
                },
                clockSkew: serverTime.map {
                    TokenEndpoint.skew(of: $0, between: requestedAt, and: answeredAt)
                },
                correlationID: correlationID, status: response.status)
        }
    }
}

extension HTTPResponse {
    /// What an answer of an endpoint holds, or why there is nothing in it for us.
    /// - Parameters:
    ///   - serverTime: What a `Retry-After` that is a date is compared with.
    ///   - decode: Reads the body of a success.
    func decoded<Value>(
        serverTime: Date, correlationID: String,
        by decode: ([UInt8]) throws(MalformedTokenResponse) -> Value
    ) -> Result<Value, TokenEndpointError> {
        let retryAfter = headers["retry-after"].flatMap {
            RetryAfter.duration($0, serverTime: serverTime)
        }
        // RFC 6749 §5.1 says 200; tokens in any other 2xx are tokens all the same.
        guard 200..<300 ~= status else {
            return .failure(
                Classification.error(
                    status: status, body: body, retryAfter: retryAfter,
                    correlationID: correlationID))
        }
        do throws(MalformedTokenResponse) {
            return .success(try decode(body))
        } catch {
            return .failure(
                Classification.unreadableSuccess(
                    error, status: status, retryAfter: retryAfter, correlationID: correlationID))
        }
    }
}
