/// One thing that is wrong with the configuration, where it stands, and the way out.

public struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    public let kind: Kind
    public let source: SettingSource?
    /// The key it is about; `nil` for a whole file or a line without one.
    public let key: String?
    /// Lower case, no full stop, the way out after a semicolon. Never holds a secret.
    public let message: String

    /// What a caller does about it. In this order the kinds decide the exit status.
    public enum Kind: Int, Comparable, Sendable {
        /// An option's value is wrong.
        case usage
        /// A setting is missing or wrong.
        case configuration
        /// A file is out of reach, or open to others.
        case permission

        public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    init(_ kind: Kind, _ source: SettingSource?, key: String? = nil, _ message: String) {
        self.kind = kind
        self.source = source
        self.key = key
        self.message = message
    }

    /// For example `/etc/maintain-teams/config.env:7: TEAMS_CLOUD: "mars" is not …`.
    public var description: String {
        if case .option(let name) = source { return "\(name): \(message)" }
        return [source?.description, key, message].compactMap { $0 }.joined(separator: ": ")
    }
}

/// Where a value was given.
public enum SettingSource: Equatable, Sendable, CustomStringConvertible {
    /// The option's name, for example `--database`.
    case option(String)
    case environment
    /// `line` counts from 1; `nil` means the file as a whole.
    case file(String, line: Int?)

    public var description: String {
        switch self {
        case .option(let name): name
        case .environment: "environment"
        case .file(let path, let line?): "\(path.sanitized()):\(line)"
        case .file(let path, nil): path.sanitized()
        }
    }
}

/// Everything that is wrong with the configuration, at once.
public struct ConfigurationFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [ConfigurationProblem]
    /// Whom to tell of the failure, as far as that much could be read.
    public let monitoring: MonitoringSettings
    /// What else looks wrong: the slip that explains a missing setting, perhaps.
    let warnings: [String]

    init(
        _ problems: [ConfigurationProblem], monitoring: MonitoringSettings = MonitoringSettings(),
        warnings: [String] = []
    ) {
        precondition(!problems.isEmpty, "a failure without a problem")
        self.problems = problems
        self.monitoring = monitoring
        self.warnings = warnings
    }

    /// The kind that decides the exit status: usage, then configuration, then permission.
    public var kind: ConfigurationProblem.Kind { deciding.kind }

    /// One line: the problem that decides, and how many others there are.
    public var summary: String {
        let others = problems.count - 1
        return others == 0
            ? deciding.description : "\(deciding) (and \(others.counting("more problem")))"
    }

    /// The lines that follow the summary: every other problem.
    public var details: [String] {
        var others = problems
        if let index = others.firstIndex(of: deciding) { others.remove(at: index) }
        return others.map(\.description)
    }

    public var description: String { ([summary] + details).joined(separator: "\n") }

    private var deciding: ConfigurationProblem {
        // The first of its kind: min(by:) keeps the earlier of equals.
        problems.min { $0.kind < $1.kind }!
    }
}
