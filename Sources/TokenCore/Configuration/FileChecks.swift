/// The files that the settings name: open to nobody who shouldn't, and there when they are needed.

enum FileChecks {
    /// The config file itself, when it holds a secret or names a program.
    static func configFile(_ values: inout SettingValues) {
        guard let file = values.file else { return }
        let isSet = { (setting: Setting) in file[setting.key.rawValue]?.value.isEmpty == false }
        var findings: [PermissionChecks.Finding?] = []
        if Setting.table.contains(where: { $0.isSecret && isSet($0) }) {
            findings.append(
                PermissionChecks.secretProblem(file.path, what: "config file that holds a secret"))
        }
        if isSet(Setting[.hook]) {
            findings.append(
                PermissionChecks.programProblem(file.path, what: "config file that names a hook"))
        }
        // The mode that a secret needs is good for a hook too, so one of the two is enough.
        let worst = findings.compactMap { $0 }.min { !$0.isWarning && $1.isWarning }
        guard let worst else { return }
        values.note(worst, .file(file.path, line: nil), key: nil)
    }

    static func hook(_ configuration: Configuration, _ values: inout SettingValues) {
        guard let hook = configuration.hook, let given = values.given(.hook) else { return }
        let key = SettingKey.hook.rawValue
        if !FilePaths.exists(hook) {
            values.warn("\(given.source): \(key): \(hook.sanitized()) does not exist")
        } else if let status = try? FileStatus(path: hook), !status.isRegular {
            values.warn("\(given.source): \(key): \(hook.sanitized()) is no program")
        } else if let finding = PermissionChecks.programProblem(hook) {
            values.note(finding, given.source, key: key)
        }
    }

    /// Without its certificates every request would fail as if the network were at fault.
    static func certificates(_ configuration: Configuration, _ values: inout SettingValues) {
        guard let path = configuration.certificateFile,
            let given = values.given(.certificateFile)
        else { return }
        let key = SettingKey.certificateFile.rawValue
        let name = "certificate file \(path.sanitized())"
        do {
            let status = try FileStatus(path: path)
            guard FilePaths.canRead(path) else {
                values.note(.forbidden(given.source, key: key, name))
                return
            }
            guard let fault = try CertificateBundle.fault(status) else { return }
            values.note(
                ConfigurationProblem(.configuration, given.source, key: key, "\(name) \(fault)"))
        } catch {
            values.note(.unreadable(given.source, key: key, error, name))
        }
    }
}
