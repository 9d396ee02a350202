/// Where a connection stands, in one word for tables and programs. The raw values are those of the
/// counts in JSON, and a contract.

internal import FoundationEssentials

public enum ConnectionState: String, CaseIterable, Sendable {
    /// The access token outlives the refresh margin.
    case fresh
    /// It still works, and the next pass replaces it.
    case due
    /// It works no more, and the next pass replaces it.
    case expired
    /// This user must sign in again.
    case reauthRequired = "reauth_required"
    /// An admin, or somebody's consent, is needed.
    case consentRequired = "consent_required"
    /// Due, and not to be tried yet.
    case backingOff = "backing_off"
    /// `expires_at` or `user_id` can't be read.
    case malformed
    /// Nothing to refresh with: it ends with its access token.
    case noRefreshToken = "no_refresh_token"

    /// Whether nobody but a person can mend it.
    public var needsPerson: Bool {
        switch self {
        case .reauthRequired, .consentRequired, .noRefreshToken: true
        case .fresh, .due, .expired, .backingOff, .malformed: false
        }
    }

    /// Whether a pass refreshes it now or as soon as it may.
    public var isDue: Bool {
        switch self {
        case .due, .expired, .backingOff: true
        case .fresh, .reauthRequired, .consentRequired, .malformed, .noRefreshToken: false
        }
    }
}

extension ConnectionState {
    /// The state of a row, by the rules of a pass.
    /// - Parameters:
    ///   - expiresAt: Nil when it can't be read.
    ///   - margin: A token is due when it expires within this time.
    init(
        isReadable: Bool, hasRefreshToken: Bool, expiresAt: Date?, failure: StandingFailure?,
        margin: Duration, at now: Date
    ) {
        guard isReadable, hasRefreshToken, let expiresAt else {
            self = isReadable && !hasRefreshToken ? .noRefreshToken : .malformed
            return
        }
        if let failure, failure.needsPerson {
            self = failure.verdict == .reauthRequired ? .reauthRequired : .consentRequired
        } else if expiresAt > now + margin.seconds {
            self = .fresh
        } else if failure?.isBackingOff(at: now) == true {
            self = .backingOff
        } else {
            self = expiresAt <= now ? .expired : .due
        }
    }
}
