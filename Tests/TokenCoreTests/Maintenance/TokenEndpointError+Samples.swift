/// One refusal of each sort that the scheduler tells apart.

@testable import TokenCore

extension TokenEndpointError {
    private static func sample(
        _ kind: RefusalClass, _ words: String, retryAfter: Duration? = nil, isOutage: Bool = false,
        isBrokenConnection: Bool = false,
        isTenantOnly: Bool = false, isClientWide: Bool = false, isFinal: Bool = false,
        isWaitable: Bool = true
    ) -> Self {
        Self(
            kind: kind, refusal: Refusal(error: words, message: words), retryAfter: retryAfter,
            isOutage: isOutage, isBrokenConnection: isBrokenConnection, isTenantOnly: isTenantOnly,
            isClientWide: isClientWide,
            isFinal: isFinal, isWaitable: isWaitable)
    }

    static let noAnswer = sample(.transient, "no answer", isOutage: true)
    static let brokenConnection = sample(
        .transient, "stream reset", isOutage: true, isBrokenConnection: true)
    /// An answer that says nothing about the token, such as a proxy's page.
    static let nonsense = sample(.transient, "nonsense")
    static func throttled(_ retryAfter: Duration?) -> Self {
        sample(.throttled, "throttled", retryAfter: retryAfter)
    }
    static let loop = sample(.throttled, "loop", retryAfter: .seconds(5), isWaitable: false)
    static let signInAgain = sample(.reauth, "sign in again")
    static let badToken = sample(.reauth, "bad token", isFinal: true)
    static let consentMissing = sample(.consent, "consent missing")
    static let wrongSecret = sample(.application, "wrong secret", isClientWide: true)
    /// The application's fault, unless it is accepted for others.
    static let wrongScopes = sample(.application, "wrong scopes")
    static let unknownInTenant = sample(.application, "unknown in tenant", isTenantOnly: true)
    static let damagedRow = sample(.request, "damaged row")
}
