/// What the token endpoint hands out, with an absolute expiry.

public import FoundationEssentials

public struct TokenSet: Equatable, Sendable {
    public let accessToken: Secret
    /// Nil when the server did not rotate it: keep the one you have (RFC 6749 §6).
    public let refreshToken: Secret?
    /// Time before the request plus `expires_in`, floored to the second.
    public let expiresAt: Date
    /// For example `Bearer`; nil when the server did not say.
    public let tokenType: String?
    /// The scopes granted, separated by spaces; for display only, never sent back.
    public let scope: String?
    /// Who signed in, as a JWT; only when the request asked for `openid`.
    public let idToken: Secret?

    public init(
        accessToken: Secret, refreshToken: Secret?, expiresAt: Date, tokenType: String? = nil,
        scope: String? = nil, idToken: Secret? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.tokenType = tokenType
        self.scope = scope
        self.idToken = idToken
    }
}
