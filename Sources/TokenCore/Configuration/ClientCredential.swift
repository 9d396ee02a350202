/// The client secret: by value, by file, or from the credentials directory of a systemd unit. None
/// makes a public client; two are a mistake that only shows when one of them expires.

enum ClientCredential {
    /// - Parameter reads: Whether a secret file is opened; its mode is looked at in any case.
    static func load(
        _ values: inout SettingValues, reads: Bool, read: ConfigFile.Reader
    ) -> Secret? {
        let byValue = values.given(.clientSecret)
        let file = secretFile(&values)
        if let byValue, let file {
            let key = byValue.source == file.source ? "" : "\(byValue.source) and "
            values.note(
                ConfigurationProblem(
                    .configuration, file.source, key: file.name,
                    "a second client secret, beside \(SettingKey.clientSecret.rawValue) "
                        + "(\(key)here); remove one of the two"))
            return nil
        }
        if byValue != nil { return values.optional(.clientSecret, secret) }
        guard let file else { return nil }
        if let finding = PermissionChecks.secretProblem(file.path) {
            values.note(finding, file.source, key: file.name)
        }
        return reads ? contents(of: file, &values, read) : nil
    }

    private struct SecretFile {
        let path: String
        let name: String
        let source: SettingSource
    }

    /// The setting is the stronger of the two: systemd's directory is its default.
    private static func secretFile(_ values: inout SettingValues) -> SecretFile? {
        let key = SettingKey.clientSecretFile
        if let given = values.given(key) {
            return values.path(key).map {
                SecretFile(path: $0, name: key.rawValue, source: given.source)
            }
        }
        let variable = SecretVariables.credentialsDirectory
        guard let directory = values.environment[variable], !directory.isEmpty else { return nil }
        let path = "\(directory)/client-secret"
        guard FilePaths.exists(path) else { return nil }
        return SecretFile(path: path, name: variable, source: .environment)
    }

    private static func contents(
        of file: SecretFile, _ values: inout SettingValues, _ read: ConfigFile.Reader
    ) -> Secret? {
        let name = "secret file \(file.path.sanitized())"
        do {
            let bytes = try read(file.path)
            do {
                return try secret(fromFile: bytes)
            } catch {
                values.note(
                    ConfigurationProblem(
                        .configuration, file.source, key: file.name, "\(name) \(error.message)"))
            }
        } catch {
            values.note(.unreadable(file.source, key: file.name, error, name, secret: file.path))
        }
        return nil
    }

    /// The whole file but for one final line end.
    private static func secret(fromFile bytes: [UInt8]) throws(Complaint) -> Secret {
        guard !bytes.contains(0) else { throw Complaint("holds a NUL byte; write the secret only") }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Complaint("is not valid UTF-8; write the secret only")
        }
        // A line end of either kind is one Character.
        if text.last == "\n" || text.last == "\r\n" { text.removeLast() }
        guard !text.trimmed.isEmpty else { throw Complaint("is empty; write the secret into it") }
        guard !text.contains(where: \.isNewline) else {
            throw Complaint("has more than one line; write the secret only")
        }
        guard !Placeholder.isPlaceholder(text) else {
            throw Complaint("still holds a placeholder; write the secret into it")
        }
        return try secret(text)
    }

    private static func secret(_ text: String) throws(Complaint) -> Secret {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Complaint("holds a control character; copy the secret again")
        }
        return Secret(text)
    }
}

extension SettingValues {
    mutating func note(
        _ finding: PermissionChecks.Finding, _ source: SettingSource?, key: String?
    ) {
        let problem = ConfigurationProblem(.permission, source, key: key, finding.message)
        if finding.isWarning { warn(problem.description) } else { note(problem) }
    }
}
