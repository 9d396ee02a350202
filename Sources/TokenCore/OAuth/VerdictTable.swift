/// Microsoft's vocabulary of refusal as data: what an `error`, a `suberror` or an AADSTS code means
/// for a program that refreshes tokens while nobody is looking, and how a person is told. Microsoft
/// calls the codes hints that may change ("Microsoft Entra authentication and authorization error
/// codes"), so this is a table to amend and nothing else branches on a value.

enum VerdictTable {
    /// What one value means. The meaning continues "it failed because …".
    struct Entry: Equatable, Sendable {
        let kind: RefusalClass
        let meaning: String
        /// It holds for the user's directory only; the client may be well elsewhere.
        var isTenantOnly = false
        /// It holds for the client whoever is asked about: its credential, or its registration.
        var isClientWide = false
        /// The refresh token will never work again without a person.
        var isFinal = false
        /// How long to stay away at least; never waited for within a pass.
        var pause: Duration?
        /// How long it is believed to pass by itself; after that the application is to blame.
        var patience: Duration?
        /// When it is not who the class names.
        var responsible: Responsible?
    }

    /// - Returns: nil for a number that nobody has described: then ``error(_:codes:)`` decides.
    static func code(_ number: Int) -> Entry? {
        entryByCode[number] ?? ranges.first { $0.numbers.contains(number) }?.entry
    }

    static func suberror(_ value: String) -> Entry? { suberrors[value] }

    /// - Parameter codes: A policy's number turns a demand for interaction into one for an admin.
    static func error(_ value: String, codes: [Int]) -> Entry? {
        if asksForInteraction.contains(value), codes.contains(where: policyCodes.contains) {
            return policy
        }
        return errors[value]
    }

    /// Whether a code says less than any other beside it: old bodies put 70002 before the reason.
    static func isVague(_ number: Int) -> Bool { number == 70002 }

    /// The code of a client that repeats itself (seen as `invalid_grant`, status 400).
    static let loopCode = 50196

    private static let entryByCode: [Int: Entry] = Dictionary(
        uniqueKeysWithValues: rows.flatMap { row in row.codes.map { ($0, row.entry) } })
}

// MARK: - error and suberror

extension VerdictTable {
    static let errors: [String: Entry] = [
        "temporarily_unavailable": Entry(
            kind: .transient, meaning: "Microsoft's sign-in service is unavailable for the moment"),
        "server_error": Entry(
            kind: .transient, meaning: "Microsoft's sign-in service met an internal error"),

        "invalid_grant": Entry(
            kind: .reauth,
            meaning: "the refresh token is no longer accepted; the user must sign in again"),
        "interaction_required": Entry(
            kind: .reauth, meaning: "the user must answer a question at sign-in"),
        "login_required": Entry(kind: .reauth, meaning: "the user must sign in again"),
        "bad_token": Entry(kind: .reauth, meaning: "the refresh token is no longer accepted"),

        "consent_required": Entry(
            kind: .consent, meaning: "consent to the application is missing or was withdrawn"),
        "access_denied": Entry(kind: .consent, meaning: "the sign-in or its consent was declined"),
        "authorization_declined": Entry(
            kind: .consent, meaning: "the sign-in or its consent was declined"),

        "invalid_client": Entry(
            kind: .application, meaning: "the application's credential was refused",
            isClientWide: true),
        "unauthorized_client": Entry(
            kind: .application, meaning: "the application may not sign users of this directory in",
            isTenantOnly: true),
        "invalid_resource": Entry(
            kind: .application, meaning: "the resource does not exist in this directory",
            isTenantOnly: true),
        "invalid_scope": Entry(
            kind: .application, meaning: "the configured scopes were refused"),
        "invalid_tenant": Entry(
            kind: .application, meaning: "the directory is not known to this cloud",
            isTenantOnly: true),
        "invalid_instance": Entry(
            kind: .application, meaning: "the authority's host is not known to Microsoft",
            isTenantOnly: true),

        "invalid_request": Entry(kind: .request, meaning: "the request was found malformed"),
        "unsupported_grant_type": Entry(
            kind: .request, meaning: "this kind of grant is not accepted there"),

        // Only while a device code waits for its user (RFC 8628 §3.5).
        "authorization_pending": Entry(
            kind: .transient, meaning: "the user has not finished signing in"),
        "slow_down": Entry(kind: .transient, meaning: "the device code was polled too often"),
        "expired_token": Entry(
            kind: .reauth, meaning: "the device code expired before the user signed in"),
        "bad_verification_code": Entry(kind: .request, meaning: "the device code is not known"),
    ]

    static let suberrors: [String: Entry] = [
        "bad_token": Entry(
            kind: .reauth, meaning: "the refresh token was revoked and will not work again",
            isFinal: true),
        "token_expired": Entry(
            kind: .reauth, meaning: "the sign-in is older than the directory's policy allows",
            isFinal: true),
        "basic_action": Entry(
            kind: .reauth, meaning: "the user must answer a question at sign-in"),
        "additional_action": Entry(
            kind: .reauth, meaning: "the user must take a further step outside the sign-in"),
        "user_password_expired": Entry(
            kind: .reauth, meaning: "the user's password has expired"),
        "message_only": Entry(
            kind: .consent, meaning: "a policy of the directory blocks this sign-in"),
        "consent_required": Entry(
            kind: .consent, meaning: "consent to the application is missing or was withdrawn"),
        "protection_policy_required": Entry(
            kind: .consent, meaning: "a policy demands an app protected by Intune"),
        "device_authentication_failed": Entry(
            kind: .consent, meaning: "a policy demands a device that the directory knows"),
        "client_mismatch": Entry(
            kind: .request, meaning: "the refresh token was issued to another application"),
    ]

    private static let asksForInteraction: Set<String> = [
        "interaction_required", "login_required", "bad_token",
    ]
    private static let policyCodes: [ClosedRange<Int>] = [50105...50105, 53000...53999]
    private static let policy = Entry(
        kind: .consent, meaning: "a policy of the directory blocks this sign-in")
}

extension [ClosedRange<Int>] {
    fileprivate func contains(_ number: Int) -> Bool { contains { $0.contains(number) } }
}
