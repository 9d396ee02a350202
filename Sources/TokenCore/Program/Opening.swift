/// What every command needs first: its settings, and a database that is there and not open to the world.

internal import Glibc

extension PassInvocation {
    /// - Parameter needsClient: Whether requests will be sent.
    func configuration(needsClient: Bool) throws(ConfigurationFailure) -> Configuration {
        try ConfigurationLoader.load(
            options: options, configOption: configFile, environment: environment,
            needsClient: needsClient, isRoot: geteuid() == 0, home: environment["HOME"])
    }
}

/// Where the database really is, and who may do what with it.
struct DatabasePlace {
    let path: String
    let status: FileStatus
    /// What works but deserves a look.
    let warning: String?

    /// - Throws: ``RunFailure`` with status DATABASE for a missing file, PERMISSION for one that is out
    ///   of reach or open to the world.
    static func find(_ configuration: Configuration) throws(RunFailure) -> DatabasePlace {
        let (path, status): (String, FileStatus)
        do throws(SystemError) {
            path = try FilePaths.real(configuration.databasePath)
            status = try FileStatus(path: path)
        } catch {
            guard error.isMissing else { throw RunFailure(StoreError(error)) }
            if !configuration.searched.isEmpty { throw .noSettings(configuration) }
            throw RunFailure(
                .database, "no database at \(configuration.databasePath.sanitized())",
                hint: "set TEAMS_DATABASE to the application's SQLite file, or create one with "
                    + "`teams-token init`")
        }
        return DatabasePlace(path: path, status: status, warning: try judge(path))
    }

    /// - Returns: A warning about a mode that is unwise.
    /// - Throws: ``RunFailure`` with status PERMISSION for one that is refused.
    static func judge(_ path: String) throws(RunFailure) -> String? {
        guard let finding = PermissionChecks.databaseProblem(path) else { return nil }
        let words = "\(finding.path): \(finding.message)"
        guard finding.isWarning else { throw RunFailure(.permission, words) }
        return words
    }
}

extension RunFailure {
    /// Nobody has said where the database is, and at the default place is none.
    static func noSettings(_ configuration: Configuration) -> RunFailure {
        let places = configuration.searched.map { $0.sanitized() }.joined(separator: " or ")
        return RunFailure(
            .database,
            "no settings were found in the environment or \(places), and no database at "
                + "\(configuration.databasePath.sanitized()), the default",
            hint:
                "name the application's SQLite file: TEAMS_DATABASE in one of these files, or --database; "
                + "`teams-token init` is for who has none yet")
    }

    /// - Throws: ``StoreError`` when it can't be found out what was meant.
    static func unknownUser(
        _ user: String, in store: TokenStore
    ) async throws(StoreError) -> RunFailure {
        var hint: String?
        if let nearest = try await store.nearestUser(to: user) {
            hint = "did you mean \(nearest.sanitized(limit: 64))?"
        } else if try await store.totals().connections == 0 {
            let others = try await store.otherProviders()
            if !others.isEmpty {
                hint = OtherProviders(ours: store.settings.provider, others: others).sentence
            }
        }
        return RunFailure(
            .usage, "no connection of user \(user.sanitized(limit: 64))", hint: hint)
    }
}
