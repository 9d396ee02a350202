/// A row as `teams-token` shows it: every fact but the tokens.

internal import FoundationEssentials

struct InspectedConnection: Sendable {
    let rowID: Int64
    /// Nil when it can't be read.
    let userID: UserID?
    let provider: String
    /// `expires_at` as it is stored.
    let storedExpiry: SQLiteValue
    /// Nil when it can't be read.
    let expiresAt: Date?
    let hasAccessToken: Bool
    let hasRefreshToken: Bool
    /// Nil when the last attempt succeeded, or when what failed has been mended since.
    let failure: StandingFailure?
    /// When this program last refreshed it.
    let lastRefreshedAt: Date?
    /// When this program last tried, whatever it came to.
    let lastAttemptAt: Date?

    /// What the last attempt came to; nil before the first, and when it no longer counts.
    var verdict: Verdict? { failure?.verdict ?? (lastRefreshedAt == nil ? nil : .refreshed) }

    /// - Parameter margin: A token is due when it expires within this time.
    func state(margin: Duration, at now: Date) -> ConnectionState {
        let state = ConnectionState(
            isReadable: userID != nil, hasRefreshToken: hasRefreshToken, expiresAt: expiresAt,
            failure: failure, margin: margin, at: now)
        // A pass asks the time only; whoever wants to use the connection finds no token.
        return !hasAccessToken && (state == .fresh || state == .due) ? .expired : state
    }

    /// Whether the access token can be used: nothing is known against it.
    func isLive(at now: Date) -> Bool {
        hasAccessToken && expiresAt.map { $0 > now } ?? false
    }
}

/// What only `show` asks for.
struct ConnectionDetails: Sendable {
    /// For its claims and its length; never printed.
    let accessToken: Secret
    let refreshTokenLength: Int
    /// Columns that the table has, as they are stored.
    let columns: [(name: String, value: SQLiteValue)]
    /// The last attempt of this program, whether it still counts or not.
    let lastAttempt: (verdict: String, at: Date)?
}
