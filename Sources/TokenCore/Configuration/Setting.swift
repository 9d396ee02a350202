/// The one table of settings. The loader takes defaults and bounds from it, the manual its rows.

public struct Setting: Sendable {
    public let key: SettingKey
    /// The option that comes before the environment, for example `--database`.
    public let option: String?
    public let fallback: Fallback
    public let form: Form
    /// What the value is, in one line; it also completes the sentence "put the … in its place".
    public let meaning: String

    /// What counts when nobody gives a value.
    public enum Fallback: Equatable, Sendable {
        /// This text, read like a given one.
        case value(String)
        /// A value that depends on others, in words.
        case rule(String)
        /// Nothing: the feature is off.
        case none
        /// There is none, and whatever sends requests needs a value.
        case required
    }

    /// How a value is written, with its bounds.
    public enum Form: Equatable, Sendable {
        case text, secret, url, path
        case duration(atLeast: Duration)
        case number(ClosedRange<Int>)
        case choice([String])
    }

    /// Whether the value must never be printed.
    public var isSecret: Bool { form == .secret }

    init(
        _ key: SettingKey, option: String? = nil, _ form: Form,
        default fallback: Fallback = .none, _ meaning: String
    ) {
        self.key = key
        self.option = option
        self.fallback = fallback
        self.form = form
        self.meaning = meaning
    }
}

extension Setting {
    public static let table: [Setting] = [
        Setting(
            .clientID, .text, default: .required, "application (client) id of your app registration"
        ),
        Setting(.clientSecret, .secret, "client secret, by value; none for a public client"),
        Setting(
            .clientSecretFile, .path,
            default: .rule("`$CREDENTIALS_DIRECTORY/client-secret` if present"),
            "client secret, by file"),
        Setting(.tenantID, .text, default: .value("common"), "tenant GUID, domain or alias"),
        Setting(
            .scopes, .text, default: .rule("none: a refresh sends no scope"),
            "scope string of the enrolment, sent unchanged"),
        Setting(
            .cloud, .choice(Cloud.allCases.map(\.rawValue)), default: .value("global"),
            "Microsoft cloud, authority and Graph together"),
        Setting(
            .authorityHost, .url, default: .rule("of the cloud"),
            "base URL of the authority; the tenant follows it"),
        Setting(.graphURL, .url, default: .rule("of the cloud + `/v1.0`"), "Graph root"),
        Setting(
            .database, option: "--database", .path,
            default: .rule(
                "`$XDG_DATA_HOME/maintain-teams/teams.sqlite3`; "
                    + "as root `/var/lib/maintain-teams/teams.sqlite3`"),
            "SQLite file that holds `oauth_tokens`"),
        Setting(
            .databaseTimeZone, .text, default: .value("UTC"),
            "time zone of times in the table that name none"),
        Setting(
            .provider, option: "--provider", .text, default: .value("microsoft"),
            "provider whose rows are ours"),
        Setting(
            .refreshBefore, option: "--refresh-before", .duration(atLeast: .zero),
            default: .value("30m"),
            "time before its expiry from which a token is due"),
        Setting(
            .passInterval, .duration(atLeast: .seconds(1)), default: .value("15m"),
            "time between two passes, as scheduled"),
        Setting(
            .maxDuration, option: "--max-duration", .duration(atLeast: .seconds(1)),
            default: .rule("0.8 × the pass interval (`12m`)"),
            "time budget of a pass, counted from the lock"),
        Setting(
            .concurrency, option: "--concurrency", .number(1...1024), default: .value("16"),
            "number of requests in flight"),
        Setting(
            .connectTimeout, .duration(atLeast: .seconds(1)), default: .value("10s"),
            "time for one connection to be made"),
        Setting(
            .requestTimeout, .duration(atLeast: .seconds(1)), default: .value("30s"),
            "time for one whole request"),
        Setting(
            .certificateFile, .path, default: .rule("the system's store"),
            "PEM bundle that TLS certificates are verified with"),
        Setting(
            .spoolDirectory, .path, default: .rule("beside the database"),
            "directory for received tokens that the database cannot take"),
        Setting(.apiKey, .secret, "key of the HTTP interface; ignored by the pass"),
        Setting(.apiKeysFile, .path, "file of keys of the HTTP interface; ignored by the pass"),
        Setting(
            .report, option: "--report", .choice(ReportPolicy.allCases.map(\.rawValue)),
            default: .value("always"), "choice of passes that report a problem"),
        Setting(
            .lockWait, option: "--lock-wait", .duration(atLeast: .zero), default: .value("0s"),
            "time to wait for another pass to end"),
        Setting(.logFile, option: "--log-file", .path, "file that log lines are appended to"),
        Setting(
            .logFormat, option: "--log-format", .choice(LogFormat.allCases.map(\.rawValue)),
            default: .value("text"), "form of a log line"),
        Setting(
            .logLevel, option: "--log-level", .choice(LogLevel.allCases.map(\.rawValue)),
            default: .value("info"), "least important level that is logged"),
        Setting(
            .metricsFile, option: "--metrics-file", .path,
            "Prometheus text file, written by every run"),
        Setting(.pingURL, .url, "healthchecks.io URL that every run pings"),
        Setting(
            .hook, .path, "absolute path of the program that is told of state changes on stdin"),
    ]

    private static let byKey = Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0) })

    /// The row of a key; that every key has one is tested.
    public static subscript(key: SettingKey) -> Setting { byKey[key]! }
}
