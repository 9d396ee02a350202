/// What one attempt on one connection came to. The raw values are a contract: they stand in JSON, in
/// metrics and in the database.

public enum Verdict: String, CaseIterable, Sendable, Codable {
    /// New tokens are stored.
    case refreshed
    /// No answer, or one that says nothing about the token: the next pass tries again.
    case transient
    /// The server asked us to come back later.
    case throttled
    /// This user must sign in again.
    case reauthRequired = "reauth_required"
    /// An admin, or somebody's consent, is needed.
    case consentRequired = "consent_required"
    /// The application itself was refused; no connection is to blame.
    case configuration
    /// This request was malformed, usually by one corrupt row.
    case rejected
    /// Somebody else stored other tokens meanwhile; theirs stay.
    case raced
    /// The row can't be read.
    case malformed

    /// Whether a person has to act before the connection can work again.
    public var needsPerson: Bool { self == .reauthRequired || self == .consentRequired }
}

/// Who has to act on a problem.
public enum Responsible: String, CaseIterable, Sendable, Codable {
    case user
    case tenantAdmin = "tenant_admin"
    case applicationOwner = "application_owner"
    case microsoft
    case network
    case `operator`
}
