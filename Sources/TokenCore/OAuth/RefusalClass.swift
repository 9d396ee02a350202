/// The six things that a caller can do about a redemption that gave no tokens.

public enum RefusalClass: CaseIterable, Sendable {
    /// It says nothing lasting: try again.
    case transient
    /// Microsoft wants fewer requests: the whole client pauses.
    case throttled
    /// This user must sign in again.
    case reauth
    /// An admin must act, or somebody must consent.
    case consent
    /// The registration or its credential is refused: every user would fail the same way.
    case application
    /// This request was malformed, usually by one corrupt row.
    case request
}

extension RefusalClass {
    public var verdict: Verdict {
        switch self {
        case .transient: .transient
        case .throttled: .throttled
        case .reauth: .reauthRequired
        case .consent: .consentRequired
        case .application: .configuration
        case .request: .rejected
        }
    }

    /// Who has to act when the server answered so.
    public var responsible: Responsible {
        switch self {
        case .transient, .throttled: .microsoft
        case .reauth: .user
        case .consent: .tenantAdmin
        case .application: .applicationOwner
        case .request: .operator
        }
    }
}
