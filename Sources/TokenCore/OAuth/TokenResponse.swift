/// The wire form of success (RFC 6749 §5.1). `expires_in` exists only here.

public import FoundationEssentials

public enum TokenResponse {
    /// Reads the body of a successful answer, fresh from the network or out of the spool.
    ///
    /// Unknown fields are ignored, and so are optional ones of the wrong type.
    ///
    /// - Parameters:
    ///   - body: JSON in UTF-8.
    ///   - requestedAt: Our clock before the request was sent, so that the expiry errs early.
    /// - Returns: An expiry to the second; no refresh token when none, null or a blank one came.
    /// - Throws: when there is no JSON object, no usable `access_token` or no usable `expires_in`.
    public static func decode(
        _ body: [UInt8], requestedAt: Date
    ) throws(MalformedTokenResponse) -> TokenSet {
        guard let fields = (try? JSONValue(parsing: body))?.object else {
            throw MalformedTokenResponse(reason: "it is not a JSON object")
        }
        guard let accessToken = fields["access_token"]?.string.map(Secret.init),
            accessToken.isAccessToken
        else {
            throw MalformedTokenResponse(reason: "it has no usable access_token")
        }
        guard let lifetime = fields["expires_in"].flatMap(lifetime) else {
            throw MalformedTokenResponse(reason: "it has no usable expires_in")
        }
        return TokenSet(
            accessToken: accessToken,
            refreshToken: fields["refresh_token"]?.string.map(Secret.init).flatMap {
                $0.isBlank ? nil : $0
            },
            expiresAt: Date(timeIntervalSince1970: Double(requestedAt.wholeSeconds + lifetime)),
            tokenType: printable(fields["token_type"]),
            scope: printable(fields["scope"]),
            idToken: printable(fields["id_token"]).map(Secret.init))
    }

    /// The same answer with nothing in it but what a refresh stores.
    /// - Returns: Nil for an answer that it refuses.
    static func condensed(_ body: [UInt8]) -> [UInt8]? {
        let epoch = Date(timeIntervalSince1970: 0)
        guard let tokens = try? decode(body, requestedAt: epoch) else { return nil }
        let fields = [
            "access_token": tokens.accessToken.exposed,
            "refresh_token": tokens.refreshToken?.exposed,
            "expires_in": String(tokens.expiresAt.wholeSeconds),
            "token_type": tokens.tokenType, "scope": tokens.scope,
        ]
        return (try? JSONEncoder().encode(fields.compactMapValues { $0 })).map(Array.init)
    }

    /// Ten years: beyond that a number is not believed to be a lifetime in seconds.
    static let longestLifetime: Double = 315_360_000

    private static func lifetime(_ value: JSONValue) -> Int64? {
        guard let numeral = value.numeral, let seconds = Double(numeral)?.rounded(.down),
            seconds >= 1, seconds <= longestLifetime
        else { return nil }
        return Int64(seconds)
    }

    /// RFC 6749 §A.4 and §A.13 allow nothing else; the application may show it to somebody.
    private static func printable(_ value: JSONValue?) -> String? {
        guard let text = value?.string, !text.isEmpty, text.isPrintableASCII
        else { return nil }
        return text
    }
}

/// A successful answer that can't be used; what was stored before stays.
public struct MalformedTokenResponse: Error, Equatable, Sendable {
    /// What is wrong with it, in our words.
    public let reason: String

    public init(reason: String) { self.reason = reason }
}
