/// The validated settings. Whoever holds one needs no further check: every value has its final form.

public struct Configuration: Sendable {
    /// Application (client) id; `nil` only where no request is sent.
    public internal(set) var clientID: String?
    /// `nil` is a public client.
    public internal(set) var clientSecret: Secret?
    /// GUID, domain or alias, safe as one segment of a URL. Default `common`.
    public internal(set) var tenantID: String
    /// Sent unchanged; `nil`: a refresh sends none.
    public internal(set) var scopes: String?
    /// Default `global`.
    public internal(set) var cloud: Cloud
    /// Base URL without a trailing slash. Default: that of the cloud.
    public internal(set) var authorityHost: String
    /// Graph root, version included, without a trailing slash. Default: that of the cloud.
    public internal(set) var graphURL: String

    /// Default `/var/lib/maintain-teams/teams.sqlite3` as root, below `$XDG_DATA_HOME` as a user.
    public internal(set) var databasePath: String
    /// Zone of times in the table that name none. Default `UTC`.
    public internal(set) var databaseTimeZone: String
    /// Rows that are ours. Default `microsoft`.
    public internal(set) var provider: String
    /// Where answers go that the database cannot take; `nil`: beside the database.
    public internal(set) var spoolDirectory: String?

    /// A token is due when it expires within this time. Default 30 minutes.
    public internal(set) var refreshBefore: Duration
    /// How often the scheduler starts a pass. Default 15 minutes.
    public internal(set) var passInterval: Duration
    /// Time budget of a pass, counted from the lock. Default 0.8 × ``passInterval``.
    public internal(set) var maxDuration: Duration
    /// Requests in flight, 1 to 1024. Default 16.
    public internal(set) var concurrency: Int
    /// For one connection to be made. Default 10 seconds.
    public internal(set) var connectTimeout: Duration
    /// For one whole request. Default 30 seconds.
    public internal(set) var requestTimeout: Duration
    /// PEM bundle; `nil`: the system's store.
    public internal(set) var certificateFile: String?
    /// How long to wait for another pass. Default 0.
    public internal(set) var lockWait: Duration

    /// Default `always`.
    public internal(set) var reportPolicy: ReportPolicy
    public internal(set) var logFile: String?
    /// Default `text`.
    public internal(set) var logFormat: LogFormat
    /// Default `info`.
    public internal(set) var logLevel: LogLevel
    public internal(set) var metricsFile: String?
    /// Base URL without a trailing slash.
    public internal(set) var pingURL: String?
    /// Absolute path of a program.
    public internal(set) var hook: String?

    /// The config file that was read.
    public internal(set) var file: String?
    /// What works but deserves a look; no full stop, no secret.
    public internal(set) var warnings: [String]

    /// Whether one of the URLs is plain http, which only a loopback host may be.
    public var allowsPlainHTTP: Bool {
        [authorityHost, graphURL, pingURL ?? ""].contains { $0.hasPrefix("http://") }
    }
}
