/// Settings in the form that each layer below takes them in.

internal import Logging

extension Configuration {
    /// Requests at once: as many as were asked for and as this process can have connections.
    var requestsInFlight: Int { min(concurrency, ProcessSetup.connectionLimit) }

    var authority: Authority { Authority(base: authorityHost, tenant: tenantID) }

    var remedies: Remedies { Remedies(authority: authorityHost, configFile: file) }

    /// The log file, opened; nil where none is wanted.
    func logHandler() throws(SystemError) -> FileLogHandler? {
        guard let logFile else { return nil }
        return try FileLogHandler(
            path: logFile, json: logFormat == .json,
            level: Logger.Level(rawValue: logLevel.rawValue) ?? .info)
    }

    var registration: ClientRegistration {
        ClientRegistration(
            clientID: clientID ?? "", credential: clientSecret.map { .secret($0) } ?? .none,
            scopes: scopes, authority: authority)
    }
}

extension TokenStore.Settings {
    /// - Parameter path: The database's real path.
    init(_ configuration: Configuration, path: String) {
        self.init(
            path: path, provider: configuration.provider,
            zone: LocalTime(zone: configuration.databaseTimeZone),
            context: Fingerprint.Context(
                clientID: configuration.clientID ?? "", tenantID: configuration.tenantID,
                authority: configuration.authorityHost, scopes: configuration.scopes),
            // Longer than the whole pass may take is no use.
            busyTimeout: min(.seconds(20), configuration.maxDuration))
        concurrency = configuration.requestsInFlight
    }
}

extension CurlSettings {
    init(_ configuration: Configuration) {
        self.init(
            connectTimeout: configuration.connectTimeout,
            requestTimeout: configuration.requestTimeout,
            concurrency: configuration.requestsInFlight,
            certificateFile: configuration.certificateFile,
            allowsPlainHTTP: configuration.allowsPlainHTTP,
            userAgent: "maintain-teams/\(ProductVersion.current)")
    }
}
