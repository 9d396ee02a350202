/// One row of the table: a user's tokens at one provider.

public import FoundationEssentials

public struct ConnectionID: Hashable, Sendable {
    public let userID: UserID
    public let provider: String

    public init(userID: UserID, provider: String) {
        self.userID = userID
        self.provider = provider
    }
}

/// A row as it was read, with the failure that stands against it. Nothing of it changes. A class, because a
/// pass hands it on a dozen times: one reference costs less than a copy of all that it holds.
public final class Connection: Sendable {
    public let id: ConnectionID
    /// Addresses the row inside one pass.
    public let rowID: Int64
    /// Never empty.
    public let refreshToken: Secret
    public let expiresAt: Date
    /// Nil when the last attempt succeeded, when there was none, or when what failed has been
    /// mended since (another refresh token, client, tenant, authority or scope).
    public let failure: StandingFailure?
    /// What stood against it until it was mended: void, and not yet followed by a success.
    public let mendedFailure: StandingFailure?
    /// When this program last refreshed it.
    public let lastRefreshedAt: Date?

    public init(
        id: ConnectionID, rowID: Int64, refreshToken: Secret, expiresAt: Date,
        failure: StandingFailure? = nil, mendedFailure: StandingFailure? = nil,
        lastRefreshedAt: Date? = nil
    ) {
        self.id = id
        self.rowID = rowID
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.failure = failure
        self.mendedFailure = mendedFailure
        self.lastRefreshedAt = lastRefreshedAt
    }
}

/// What is remembered of a connection whose last attempt failed.
public struct StandingFailure: Equatable, Sendable {
    public var verdict: Verdict
    /// When the first of the failures in a row happened.
    public var since: Date
    /// Failures in a row, this one included.
    public var count: Int
    /// Not to be tried before this time; ``Date/distantFuture`` for a token that can't come back.
    public var nextAttemptAt: Date?
    public var refusal: Refusal

    public init(
        verdict: Verdict, since: Date, count: Int, nextAttemptAt: Date?, refusal: Refusal
    ) {
        self.verdict = verdict
        self.since = since
        self.count = count
        self.nextAttemptAt = nextAttemptAt
        self.refusal = refusal
    }

    /// Whether a person has to act before this connection can work again.
    public var needsPerson: Bool { verdict.needsPerson }

    public func isBackingOff(at now: Date) -> Bool {
        nextAttemptAt.map { now < $0 } ?? false
    }
}
