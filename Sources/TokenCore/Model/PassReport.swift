/// What a pass did, as values: everything that is printed, logged, measured or turned into an exit
/// status is derived from this.

public import FoundationEssentials

public struct PassReport: Sendable {
    public var runID: String
    public var startedAt: Date
    public var finishedAt: Date
    public var isDryRun: Bool
    public var counts = PassCounts()
    public var apiTest = APITestCounts()
    public var problems: [Problem] = []
    public var warnings: [String] = []
    /// What a dry run would do; empty otherwise.
    public var plan: [PlannedAttempt] = []
    /// Why the pass ended before its work did.
    public var stop: StopReason?
    /// The server's clock minus ours.
    public var clockSkew: Duration?
    /// Attempts to refresh, by what they came to; without those that stopped the pass before they
    /// were made.
    public var refreshes: [Verdict: Int] = [:]
    public var requests = RequestCounts()
    /// What is different since the last pass, for whoever wants to be told only that.
    public var changes: [StateChange] = []
    /// Users who were refused in an incident: no problem of theirs is over.
    var suspended: [UserID] = []

    public init(runID: String, startedAt: Date, isDryRun: Bool = false) {
        self.runID = runID
        self.startedAt = startedAt
        self.finishedAt = startedAt
        self.isDryRun = isDryRun
    }
}

/// Connections by what became of them. Two sums hold, see ``due`` and ``fresh``.
public struct PassCounts: Equatable, Sendable {
    /// All of the selection; nil when nobody wanted the total, which reads the whole table.
    public var connections: Int?
    public var noRefreshToken = 0
    public var malformed = 0
    public var refreshed = 0
    public var reauthRequired = 0
    public var consentRequired = 0
    public var transient = 0
    public var throttled = 0
    public var rejected = 0
    public var configuration = 0
    public var raced = 0
    /// Not reached in the time there was.
    public var deferred = 0
    public var backingOff = 0
    /// Not tried, because the application was refused or the run was dry.
    public var notAttempted = 0
    /// Expire before the next pass.
    public var atRisk = 0

    public init() {}

    public var due: Int {
        refreshed + reauthRequired + consentRequired + transient + throttled + rejected
            + configuration + raced + deferred + backingOff + notAttempted
    }

    /// The rest of the connections; nil without their total.
    public var fresh: Int? {
        connections.map { max(0, $0 - due - malformed - noRefreshToken) }
    }
}

/// Connections by what the Graph API said to their access token.
public struct APITestCounts: Equatable, Sendable {
    public var ok = 0
    public var unauthorized = 0
    /// 403 and 404: the token is accepted, the user lacks something.
    public var forbidden = 0
    public var throttled = 0
    public var error = 0

    public init() {}
}

/// One thing that somebody has to know or do.
public struct Problem: Equatable, Sendable {
    public enum Cause: Hashable, Sendable {
        case verdict(Verdict)
        /// Many healthy connections were refused at once: a service, a policy or a proxy.
        case incident
        /// Connections that the pass did not reach.
        case deferred
        /// Tokens could not be read or stored.
        case database
        case apiUnauthorized
        case apiForbidden
        case apiError
        /// Graph asked to wait; the connections left were not tested.
        case apiThrottled
        /// The run ended before its pass; the name is that of its exit status.
        case run(String)

        /// The name in JSON.
        public var name: String {
            switch self {
            case .verdict(let verdict): verdict.rawValue
            case .incident: "incident"
            case .deferred: "deferred"
            case .database: "database"
            case .apiUnauthorized: "api_unauthorized"
            case .apiForbidden: "api_forbidden"
            case .apiError: "api_error"
            case .apiThrottled: "api_throttled"
            case .run(let name): name
            }
        }
    }

    /// Nil for a problem of the whole pass.
    public var userID: UserID?
    public var provider: String
    public var cause: Cause
    public var who: Responsible
    public var refusal: Refusal
    /// When it was first seen.
    public var since: Date?
    public var expiresAt: Date?
    /// What helps, where the place that found the problem knows it best.
    public var remedy: String?

    public init(
        userID: UserID?, provider: String, cause: Cause, who: Responsible, refusal: Refusal,
        since: Date? = nil, expiresAt: Date? = nil, remedy: String? = nil
    ) {
        self.remedy = remedy
        self.userID = userID
        self.provider = provider
        self.cause = cause
        self.who = who
        self.refusal = refusal
        self.since = since
        self.expiresAt = expiresAt
    }
}

/// A connection that a dry run would try to refresh.
public struct PlannedAttempt: Equatable, Sendable {
    public let id: ConnectionID
    public let expiresAt: Date
    /// For example `expires in 12 min`.
    public let reason: String

    public init(id: ConnectionID, expiresAt: Date, reason: String) {
        self.id = id
        self.expiresAt = expiresAt
        self.reason = reason
    }
}

/// Why a pass started nothing more.
public enum StopReason: Equatable, Sendable {
    /// The application itself was refused.
    case application
    /// The database could not be read or written; received tokens wait in the spool.
    case database(message: String, hint: String?)
    /// SIGINT, SIGTERM or SIGHUP.
    case signal(Int32)
    /// The time budget is used up.
    case budget
    /// The token endpoint asked for a pause longer than the pass waits.
    case throttled
    /// Nothing was answered for a long time.
    case outage
}
