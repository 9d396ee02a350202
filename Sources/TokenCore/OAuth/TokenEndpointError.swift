/// Why the token endpoint gave us no tokens, and all that the scheduler of a pass wants to know.

public struct TokenEndpointError: Error, Equatable, Sendable {
    public let kind: RefusalClass
    public let refusal: Refusal
    /// How long the server asked us to stay away, 0 s to one hour; nil when it did not say.
    public let retryAfter: Duration?
    /// No complete answer, or status 5xx: it says nothing about this connection.
    public let isOutage: Bool
    /// A connection broke, and may have taken other requests with it.
    public let isBrokenConnection: Bool
    /// The verdict holds for the user's directory, not for the client.
    public let isTenantOnly: Bool
    /// The client's credential or registration is refused, whoever is asked about.
    public let isClientWide: Bool
    /// This refresh token will never work again without a person.
    public let isFinal: Bool
    /// False when waiting within a pass would only make it worse (AADSTS50196).
    public let isWaitable: Bool
    /// How long it is believed to pass by itself; after that it is the application's fault.
    public let patience: Duration?
    /// Who has to act.
    public let responsible: Responsible
    /// A JSON object to pass on to an interactive sign-in, when the server sent one.
    public let claims: String?

    public init(
        kind: RefusalClass, refusal: Refusal, retryAfter: Duration? = nil, isOutage: Bool = false,
        isBrokenConnection: Bool = false, isTenantOnly: Bool = false, isClientWide: Bool = false,
        isFinal: Bool = false,
        isWaitable: Bool = true, patience: Duration? = nil, responsible: Responsible? = nil,
        claims: String? = nil
    ) {
        self.kind = kind
        self.refusal = refusal
        self.retryAfter = retryAfter
        self.isOutage = isOutage
        self.isBrokenConnection = isBrokenConnection
        self.isTenantOnly = isTenantOnly
        self.isClientWide = isClientWide
        self.isFinal = isFinal
        self.isWaitable = isWaitable
        self.patience = patience
        self.responsible = responsible ?? kind.responsible
        self.claims = claims
    }

    /// Somebody has to act for this one connection, if the answer can be believed.
    var isAboutConnection: Bool {
        switch kind {
        case .reauth, .consent: true
        case .application: !isClientWide
        case .transient, .throttled, .request: false
        }
    }

    /// What was to pass by itself, seen again when it has had its time.
    var applicationRefusal: TokenEndpointError {
        TokenEndpointError(
            kind: .application, refusal: refusal, isClientWide: true, claims: claims)
    }
}
