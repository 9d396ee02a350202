/// Which config file counts, and what it says.

struct ConfigFile {
    private(set) var contents: EnvFile?
    private(set) var problems: [ConfigurationProblem] = []
    /// Default files that this user may not read, each as a problem; it is one only when what the file
    /// would say is missing.
    private(set) var skipped: [ConfigurationProblem] = []

    typealias Reader = (String) throws(SystemError) -> [UInt8]

    /// - Parameters:
    ///   - option: The value of `--config`.
    ///   - places: The default files, the first that exists counts.
    init(
        option: String?, environment: [String: String], places: [String], read: Reader
    ) {
        let variable = environment[SettingKey.configFileVariable] ?? ""
        if let option {
            let source = SettingSource.option("--config")
            if option.isEmpty {
                problems = [ConfigurationProblem(.usage, source, "has an empty value; give a path")]
            } else {
                load(option, namedBy: source, read)
            }
        } else if !variable.isEmpty {
            load(variable, namedBy: .environment, read)
        } else {
            for place in places where contents == nil && problems.isEmpty { find(place, read) }
        }
    }

    /// A file that somebody named has to be there.
    private mutating func load(_ path: String, namedBy source: SettingSource, _ read: Reader) {
        do {
            contents = EnvFile(path: path, bytes: try read(path))
        } catch {
            let by = source == .environment ? SettingKey.configFileVariable : source.description
            note(path, error, "named by \(by)")
        }
    }

    private mutating func find(_ path: String, _ read: Reader) {
        do {
            contents = EnvFile(path: path, bytes: try read(path))
        } catch {
            if error.isMissing { return }
            if error.isPermission {
                let source = SettingSource.file(path, line: nil)
                skipped.append(.unreadable(source, key: nil, error, "config file", secret: path))
            } else {
                note(path, error, "a default one")
            }
        }
    }

    private mutating func note(_ path: String, _ error: SystemError, _ role: String) {
        let source = SettingSource.file(path, line: nil)
        problems.append(
            .unreadable(source, key: nil, error, "config file (\(role))", secret: path))
    }
}

extension ConfigurationProblem {
    static func forbidden(
        _ source: SettingSource?, key: String?, _ what: String, secret path: String? = nil
    ) -> ConfigurationProblem {
        let status = path.flatMap { try? FileStatus(path: $0) }
        let command = status.flatMap(FileUser.current.command(takingOver:))
        let wayOut =
            command.map { "if the job runs as this user: \($0)" }
            ?? "run as its owner or let its group read it"
        return ConfigurationProblem(
            .permission, source, key: key, "\(what) may not be read by this user; \(wayOut)")
    }

    /// A file that can't be read: a matter of permission where the system says so.
    /// - Parameter path: Of a file that nobody but the job has to read.
    static func unreadable(
        _ source: SettingSource?, key: String?, _ error: SystemError, _ what: String,
        secret path: String? = nil
    ) -> ConfigurationProblem {
        if error.isPermission { return forbidden(source, key: key, what, secret: path) }
        let wayOut = error.isMissing ? "create it or correct the path" : "give another file"
        return ConfigurationProblem(
            .configuration, source, key: key,
            "\(what) can't be read: \(error.reason.lowercased()); \(wayOut)")
    }
}
