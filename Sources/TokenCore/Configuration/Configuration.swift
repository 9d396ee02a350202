/// The validated settings. Whoever holds one needs no further check: every value has its final form.

public struct Configuration: Sendable {
    /// Application (client) id; `nil` only where no request is sent.
    public var clientID: String?
    /// `nil` is a public client.
    public var clientSecret: Secret?
    /// GUID, domain or alias, safe as one segment of a URL. Default `common`.
    public var tenantID: String
    /// Sent unchanged; `nil`: a refresh sends none.
    public var scopes: String?
    /// Default `global`.
    public var cloud: Cloud
    /// Base URL without a trailing slash. Default: that of the cloud.
    public var authorityHost: String
    /// Graph root, version included, without a trailing slash. Default: that of the cloud.
    public var graphURL: String

    /// Default `/var/lib/maintain-teams/teams.sqlite3` as root, below `$XDG_DATA_HOME` as a user.
    public var databasePath: String
    /// Zone of times in the table that name none. Default `UTC`.
    public var databaseTimeZone: String
    /// Rows that are ours. Default `microsoft`.
    public var provider: String
    /// Where answers go that the database cannot take; `nil`: beside the database.
    public var spoolDirectory: String?

    /// A token is due when it expires within this time. Default 30 minutes.
    public var refreshBefore: Duration
    /// How often the scheduler starts a pass. Default 15 minutes.
    public var passInterval: Duration
    /// Time budget of a pass, counted from the lock. Default 0.8 × ``passInterval``.
    public var maxDuration: Duration
    /// Requests in flight, 1 to 1024. Default 16.
    public var concurrency: Int
    /// For one connection to be made. Default 10 seconds.
    public var connectTimeout: Duration
    /// For one whole request. Default 30 seconds.
    public var requestTimeout: Duration
    /// PEM bundle; `nil`: the system's store.
    public var certificateFile: String?
    /// How long to wait for another pass. Default 0.
    public var lockWait: Duration

    /// Default `always`.
    public var reportPolicy: ReportPolicy
    public var logFile: String?
    /// Default `text`.
    public var logFormat: LogFormat
    /// Default `info`.
    public var logLevel: LogLevel
    public var metricsFile: String?
    /// Base URL without a trailing slash.
    public var pingURL: String?
    /// Absolute path of a program.
    public var hook: String?

    /// The config file that was read.
    public var file: String?
    /// Where settings were looked for, when neither a config file nor the database's place was found.
    var searched: [String] = []
    /// What works but deserves a look; no full stop, no secret.
    public var warnings: [String]

    /// Whether one of the URLs is plain http, which only a loopback host may be.
    public var allowsPlainHTTP: Bool {
        [authorityHost, graphURL, pingURL ?? ""].contains { $0.hasPrefix("http://") }
    }
}
