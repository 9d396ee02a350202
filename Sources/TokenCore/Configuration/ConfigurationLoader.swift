/// Options, environment, config file and defaults in; a ``Configuration`` or every problem out. Nothing
/// is read but its arguments and the files they name.

public enum ConfigurationLoader {
    /// - Parameters:
    ///   - options: Values given by options, by the names of their settings: the text after
    ///     `--database` stands under `TEAMS_DATABASE`.
    ///   - configOption: The value of `--config`.
    ///   - needsClient: Whether requests will be sent: a client id is required, and a secret file read.
    ///   - isRoot: Whether the defaults are those of the system rather than of a user.
    ///   - home: The user's home directory; `nil` when there is none.
    /// - Throws: ``ConfigurationFailure`` with all problems at once.
    public static func load(
        options: [String: String] = [:], configOption: String? = nil,
        environment: [String: String], needsClient: Bool, isRoot: Bool, home: String?
    ) throws(ConfigurationFailure) -> Configuration {
        let places = DefaultPlaces(environment: environment, isRoot: isRoot, home: home)
        return try load(
            options: options, configOption: configOption, environment: environment,
            needsClient: needsClient, places: places, read: FilePaths.contents)
    }

    static func load(
        options: [String: String], configOption: String?, environment: [String: String],
        needsClient: Bool, places: DefaultPlaces, read: ConfigFile.Reader
    ) throws(ConfigurationFailure) -> Configuration {
        let file = ConfigFile(
            option: configOption, environment: environment, places: places.configFiles, read: read)
        var values = SettingValues(
            options: options, environment: environment, file: file.contents)
        file.problems.forEach { values.note($0) }
        file.contents.map(SettingNames.problems)?.forEach { values.note($0) }
        SettingNames.warnings(about: environment).forEach { values.warn($0) }

        let database = values.path(.database, SettingChecks.databasePath)
        judge(file, &values, needsClient: needsClient, database ?? places.database, places)
        let cloud = values.choice(.cloud, of: Cloud.self)
        let passInterval = values.duration(.passInterval)
        let zones = environment["TZDIR"].flatMap { $0.isEmpty ? nil : $0 }
        var configuration = Configuration(
            clientID: values.optional(.clientID, SettingChecks.clientID),
            clientSecret: ClientCredential.load(&values, reads: needsClient, read: read),
            tenantID: values.value(.tenantID, SettingChecks.tenant),
            scopes: values.optional(.scopes, SettingChecks.scopes),
            cloud: cloud,
            authorityHost: values.optional(.authorityHost, BaseURL.check) ?? cloud.authorityHost,
            graphURL: values.optional(.graphURL, BaseURL.check) ?? cloud.graphURL,
            databasePath: database ?? places.database ?? "",
            databaseTimeZone: values.value(.databaseTimeZone) { text throws(Complaint) in
                try TimeZoneName.check(text, directory: zones ?? TimeZoneName.systemDirectory)
            },
            provider: values.value(.provider, SettingChecks.text),
            spoolDirectory: values.path(.spoolDirectory),
            refreshBefore: values.duration(.refreshBefore),
            passInterval: passInterval,
            maxDuration: values.optionalDuration(.maxDuration) ?? passInterval * 4 / 5,
            concurrency: values.number(.concurrency),
            connectTimeout: values.duration(.connectTimeout),
            requestTimeout: values.duration(.requestTimeout),
            certificateFile: values.path(.certificateFile),
            lockWait: values.duration(.lockWait),
            reportPolicy: values.choice(.report, of: ReportPolicy.self),
            logFile: values.path(.logFile),
            logFormat: values.choice(.logFormat, of: LogFormat.self),
            logLevel: values.choice(.logLevel, of: LogLevel.self),
            metricsFile: values.path(.metricsFile),
            pingURL: values.optional(.pingURL, BaseURL.check),
            hook: values.path(.hook, SettingChecks.absolutePath),
            file: file.contents?.path,
            warnings: [])
        FileChecks.configFile(&values)
        FileChecks.hook(configuration, &values)
        if needsClient { FileChecks.certificates(configuration, &values) }
        warningsAboutTimes(configuration).forEach { values.warn($0) }
        guard values.problems.isEmpty else {
            var monitoring = configuration.monitoring
            // It may be the very value, or stand in the very file, that could not be read.
            monitoring.passInterval = nil
            throw ConfigurationFailure(
                values.problems, monitoring: monitoring, warnings: values.warnings)
        }
        if file.contents == nil, values.given(.database) == nil {
            configuration.searched = places.configFiles
        }
        configuration.warnings = values.warnings
        return configuration
    }

    /// What is missing. A default file that this user may not read is to blame for it, and of no
    /// importance when nothing is missing.
    private static func judge(
        _ file: ConfigFile, _ values: inout SettingValues, needsClient: Bool, _ database: String?,
        _ places: DefaultPlaces
    ) {
        // A config file that was named and is out of reach is problem enough.
        guard file.problems.isEmpty else { return }
        let lacksClient = needsClient && values.given(.clientID) == nil
        var lacksDatabase = false
        if values.given(.database) == nil {
            // What sends no request would find another database than the file names, or none.
            lacksDatabase = database.map { !needsClient && !FilePaths.exists($0) } ?? true
        }
        for problem in file.skipped {
            if lacksClient || lacksDatabase {
                values.note(problem)
            } else {
                values.warn("\(problem) (skipped, the environment suffices)")
            }
        }
        guard file.skipped.isEmpty else { return }
        let place =
            file.contents?.path
            ?? "the environment or \(places.configFiles.joined(separator: " or "))"
        if lacksClient { note(missing: .clientID, in: place, &values) }
        if database == nil, lacksDatabase { note(missing: .database, in: place, &values) }
    }

    private static func note(
        missing key: SettingKey, in place: String, _ values: inout SettingValues
    ) {
        // A line that can't be read is problem enough.
        if let file = values.file, file.hidesValue(of: key.rawValue) { return }
        let message = "not set; put the \(Setting[key].noun) in \(place.sanitized())"
        values.note(ConfigurationProblem(.configuration, nil, key: key.rawValue, message))
    }

    /// Times that work and don't go together well.
    static func warningsAboutTimes(_ configuration: Configuration) -> [String] {
        let interval = configuration.passInterval
        let text = DurationText.text(of:)
        var warnings: [String] = []
        let lead = "\(SettingKey.refreshBefore.rawValue) (\(text(configuration.refreshBefore)))"
        if configuration.refreshBefore < interval {
            warnings.append(
                "\(lead) is less than the pass interval (\(text(interval))): tokens expire between two "
                    + "passes")
        } else if configuration.refreshBefore < interval * 2 {
            warnings.append(
                "\(lead) is less than two pass intervals (\(text(interval)) each): one missed pass can cost a token"
            )
        }
        if configuration.maxDuration >= interval {
            warnings.append(
                "\(SettingKey.maxDuration.rawValue) (\(text(configuration.maxDuration))) leaves no room "
                    + "before the next pass (every \(text(interval)))")
        }
        return warnings
    }
}
