/// The given values by precedence (option, environment, config file, default), and what is wrong with
/// them. Reading goes on after a problem, so that all are found in one run.

struct SettingValues {
    let options: [String: String]
    let environment: [String: String]
    let file: EnvFile?
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [String] = []

    struct Given: Equatable {
        let text: String
        let source: SettingSource
    }

    init(options: [String: String], environment: [String: String], file: EnvFile?) {
        self.options = options
        self.environment = environment
        self.file = file
        problems = file?.problems ?? []
        warnings = file?.warnings ?? []
    }

    mutating func note(_ problem: ConfigurationProblem) { problems.append(problem) }
    mutating func warn(_ warning: String) { warnings.append(warning) }

    /// The value that counts. An empty one in the environment or the file is as good as none.
    func given(_ key: SettingKey) -> Given? {
        precondition(
            Setting[key].option != nil || options[key.rawValue] == nil,
            "an option gives \(key.rawValue), whose row in the table of settings names none")
        if let option = Setting[key].option, let text = options[key.rawValue] {
            return Given(text: text, source: .option(option))
        }
        if let text = environment[key.rawValue], !text.isEmpty {
            return Given(text: text, source: .environment)
        }
        if let file, let entry = file[key.rawValue], !entry.value.isEmpty {
            return Given(text: entry.value, source: .file(file.path, line: entry.line))
        }
        return nil
    }

    /// - Returns: `nil` when no value is given, or a bad one, which becomes a problem.
    mutating func optional<Value>(
        _ key: SettingKey, _ check: (String) throws(Complaint) -> Value
    ) -> Value? {
        guard let given = given(key) else { return nil }
        do throws(Complaint) {
            let setting = Setting[key]
            if given.text.isEmpty {
                throw Complaint("has an empty value; give the \(setting.noun)")
            }
            if setting.form != .path, Placeholder.isPlaceholder(given.text) {
                let name = setting.isSecret ? "" : " \"\(given.text.sanitized(limit: 60))\""
                throw Complaint(
                    "still the placeholder\(name); put the \(setting.noun) in its place")
            }
            return try check(given.text)
        } catch {
            note(given.source, key, error)
            return nil
        }
    }

    /// For settings whose default is a text: that one stands in for a missing or bad value.
    mutating func value<Value>(
        _ key: SettingKey, _ check: (String) throws(Complaint) -> Value
    ) -> Value {
        if let value = optional(key, check) { return value }
        guard case .value(let text) = Setting[key].fallback, let value = try? check(text) else {
            preconditionFailure("the default of \(key.rawValue) is unusable")
        }
        return value
    }

    mutating func duration(_ key: SettingKey) -> Duration {
        value(key) { text throws(Complaint) in try Self.duration(text, key) }
    }

    mutating func optionalDuration(_ key: SettingKey) -> Duration? {
        optional(key) { text throws(Complaint) in try Self.duration(text, key) }
    }

    mutating func number(_ key: SettingKey) -> Int {
        guard case .number(let range) = Setting[key].form else {
            preconditionFailure("\(key.rawValue) is not a number")
        }
        return value(key) { text throws(Complaint) in try SettingChecks.number(text, in: range) }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: SettingKey, of type: Choice.Type
    ) -> Choice where Choice.RawValue == String {
        value(key) { text throws(Complaint) in try SettingChecks.choice(text, of: type) }
    }

    /// A relative path in a file is taken as it is, with a warning: a scheduler starts us anywhere.
    mutating func path(
        _ key: SettingKey,
        _ check: (String) throws(Complaint) -> String = SettingChecks.path
    ) -> String? {
        guard let path = optional(key, check) else { return nil }
        if !path.hasPrefix("/"), let given = given(key), case .file = given.source {
            warn(
                "\(given.source): \(key.rawValue): a relative path depends on the directory that we "
                    + "are started in; write the whole path")
        }
        return path
    }

    private mutating func note(_ source: SettingSource, _ key: SettingKey, _ complaint: Complaint) {
        var kind = ConfigurationProblem.Kind.configuration
        if case .option = source { kind = .usage }
        note(ConfigurationProblem(kind, source, key: key.rawValue, complaint.message))
    }

    private static func duration(_ text: String, _ key: SettingKey) throws(Complaint) -> Duration {
        guard case .duration(let least) = Setting[key].form else {
            preconditionFailure("\(key.rawValue) is not a duration")
        }
        return try SettingChecks.duration(text, atLeast: least)
    }
}
