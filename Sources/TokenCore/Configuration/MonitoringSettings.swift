/// What a run needs to tell others how it ended, also where its other settings are no good.

public struct MonitoringSettings: Equatable, Sendable {
    public var metricsFile: String?
    public var pingURL: String?
    public var hook: String?
    /// Nil when the configuration could not be read.
    public var passInterval: Duration?
    public var certificateFile: String?

    public init() {}
}

extension Configuration {
    public var monitoring: MonitoringSettings {
        var settings = MonitoringSettings()
        settings.metricsFile = metricsFile
        settings.pingURL = pingURL
        settings.hook = hook
        settings.passInterval = passInterval
        settings.certificateFile = certificateFile
        return settings
    }
}

extension ConfigurationLoader {
    /// For a run that goes no further: whom to tell of it.
    public static func monitoring(
        options: [String: String], configOption: String?, environment: [String: String],
        isRoot: Bool, home: String?
    ) -> MonitoringSettings {
        do throws(ConfigurationFailure) {
            return try load(
                options: options, configOption: configOption, environment: environment,
                needsClient: false, isRoot: isRoot, home: home
            ).monitoring
        } catch {
            return error.monitoring
        }
    }
}
