/// Names that nobody knows: wrong in the config file, and in the environment only when they look like
/// slips, because other `TEAMS_*` variables belong to the application.

enum SettingNames {
    private static let prefix = "TEAMS_"

    static func problems(in file: EnvFile) -> [ConfigurationProblem] {
        file.entries.compactMap { entry in
            guard SettingKey(rawValue: entry.key) == nil else { return nil }
            let source = SettingSource.file(file.path, line: entry.line)
            let message = wayOut(for: entry.key)
            return ConfigurationProblem(.configuration, source, key: entry.key, message)
        }
    }

    static func warnings(about environment: [String: String]) -> [String] {
        environment.keys.sorted().compactMap { name in
            guard name.uppercased().hasPrefix("TEAM"), !isKnown(name) else { return nil }
            // One slip in a short name, such as TEAMS_HOST for TEAMS_HOOK, is mostly another name.
            let limit = name.utf8.count >= prefix.utf8.count + 8 ? 2 : 1
            guard let meant = nearest(to: name, limit: limit) else { return nil }
            return "environment: \(name.sanitized(limit: 60)): ignored; did you mean \(meant)?"
        }
    }

    private static func wayOut(for key: String) -> String {
        if key == SettingKey.configFileVariable {
            return "names the config file itself; set it in the environment"
        }
        if key.lowercased().hasSuffix("_proxy") {
            return "unknown key; proxies are set in the environment (crontab or unit)"
        }
        let limit = max(2, key.utf8.count / 4)
        if let meant = nearest(to: key, limit: limit) ?? nearest(to: prefix + key, limit: 2) {
            return "unknown key; did you mean \(meant)?"
        }
        return "unknown key; remove the line or put a # before it"
    }

    private static func nearest(to name: String, limit: Int) -> String? {
        NearestName.of(name, among: SettingKey.allCases.map(\.rawValue), limit: limit)
    }

    private static func isKnown(_ name: String) -> Bool {
        SettingKey(rawValue: name) != nil || name == SettingKey.configFileVariable
            || name == SecretVariables.accessToken
    }
}
