/// Modes and owners of the database and of what lies beside it, and whether this user may write there.

internal import Glibc

struct FilesCheck {
    let configuration: Configuration
    /// Where the database really is.
    let database: String

    var findings: [CheckupFinding] {
        let found =
            databaseFindings + directoryFindings + lockFindings + spoolFindings + outputFindings
        return found
            + (found.isEmpty
                ? [
                    CheckupFinding(
                        .files, .ok, "modes are sound, and this user may write what it has to")
                ]
                : []) + (geteuid() == 0 ? [asRoot] : [])
    }

    private var asRoot: CheckupFinding {
        CheckupFinding(
            .files, .note, "checked as root, who may write everywhere",
            why: "what the service's own user may do was not tested",
            remedy: "run it again as that user: `sudo -u maintain-teams teams-token doctor`")
    }

    private static func noPass(_ status: ExitStatus = .database) -> String {
        "every pass ends with \(status.name) (\(status.code)) before a token is spent"
    }

    private var databaseFindings: [CheckupFinding] {
        var findings: [CheckupFinding] = []
        if let finding = PermissionChecks.databaseProblem(database) {
            findings.append(
                CheckupFinding(
                    .files, finding.isWarning ? .warning : .problem(.permission),
                    sentence: "\(database.sanitized()): \(finding.message)",
                    why: "who can read it can act as every user in it"))
        }
        // One that can't be read either is told by whoever opens it.
        if let status = try? FileStatus(path: database), FilePaths.canRead(database),
            !FilePaths.canWrite(database)
        {
            findings.append(
                CheckupFinding(
                    .files, .problem(.permission),
                    "\(database.sanitized()) can't be written by this user",
                    why: Self.noPass(.permission),
                    remedy: remedy(status, "rw")))
        }
        return findings + companionFindings
    }

    /// What SQLite keeps beside the database, when somebody else has made it for himself alone.
    private var companionFindings: [CheckupFinding] {
        ["-wal", "-shm", "-journal"].compactMap { suffix in
            let path = database + suffix
            guard let status = try? FileStatus(path: path),
                !FilePaths.canRead(path) || !FilePaths.canWrite(path)
            else { return nil }
            let owner = UserName.of(status.owner).sanitized(limit: 64)
            return CheckupFinding(
                .files, .problem(.database),
                "\(path.sanitized()), which \(owner) has made, can't be written by this user",
                why: "SQLite needs it to read and write the database; " + Self.noPass(),
                remedy: likeDatabase(path))
        }
    }

    private func likeDatabase(_ path: String) -> String {
        let (name, like) = (path.shellQuoted, "--reference=\(database.shellQuoted)")
        return "`chown \(like) \(name) && chmod \(like) \(name)`"
    }

    private func remedy(_ status: FileStatus, _ rights: String) -> String {
        "let this user in: `\(FileUser.current.command(sharing: status, rights))`"
    }

    private var directoryFindings: [CheckupFinding] {
        let directory = FilePaths.directory(of: database)
        let name = directory.sanitized()
        var findings: [CheckupFinding] = []
        if let file = try? FileStatus(path: directory), access(directory, W_OK | X_OK) != 0 {
            let hasLock = FilePaths.exists(FileLock.path(forDatabase: database))
            let status: ExitStatus = hasLock ? .database : .permission
            findings.append(
                CheckupFinding(
                    .files, .problem(status), "\(name) can't be written by this user",
                    why: "SQLite keeps its journal beside the database, and the lock lies there; "
                        + Self.noPass(status),
                    remedy: remedy(file, "rwxs")))
        }
        if let status = try? FileStatus(path: directory), status.worldCanWrite,
            status.permissions & 0o1000 == 0
        {
            findings.append(
                CheckupFinding(
                    .files, .warning, "\(name) can be written by everybody",
                    why: "anybody can put another database in the place of this one",
                    remedy: "`chmod o-w \(name)`"))
        }
        return findings
    }

    private var lockFindings: [CheckupFinding] {
        let lock = FileLock.path(forDatabase: database)
        guard let status = try? FileStatus(path: lock) else { return [] }
        let name = lock.sanitized()
        if access(lock, R_OK | W_OK) != 0 {
            return [
                CheckupFinding(
                    .files, .problem(.permission), "the lock \(name) is out of reach of this user",
                    why: "every pass ends with PERMISSION (77)",
                    remedy: "give it the owner, group and mode of the database: "
                        + likeDatabase(lock))
            ]
        }
        guard status.permissions & 0o007 != 0 else { return [] }
        return [
            CheckupFinding(
                .files, .warning, "the lock \(name) is open to everybody",
                why: "any user of this machine can hold it and keep passes from running",
                remedy: "`chmod o-rwx \(name)`")
        ]
    }

    private var spoolFindings: [CheckupFinding] {
        guard let directory = configuration.spoolDirectory else { return [] }
        let name = directory.sanitized()
        guard let status = try? FileStatus(path: directory), status.isDirectory else {
            return [
                CheckupFinding(
                    .files, .problem(.database), "the spool directory \(name) is not there",
                    why: Self.noPass(), remedy: "`install -d -m 0700 -o maintain-teams \(name)`")
            ]
        }
        if access(directory, W_OK | X_OK) != 0 {
            return [
                CheckupFinding(
                    .files, .problem(.database),
                    "the spool directory \(name) can't be written by this user", why: Self.noPass(),
                    remedy: "`chown maintain-teams \(name)`")
            ]
        }
        guard status.worldCanWrite else { return [] }
        return [
            CheckupFinding(
                .files, .warning, "the spool directory \(name) can be written by everybody",
                why: "anybody can take away the only copy of a token",
                remedy: "`chmod o-w \(name)`")
        ]
    }

    /// Files whose failure costs no token, only the news of it.
    private var outputFindings: [CheckupFinding] {
        [
            ("TEAMS_LOG_FILE", configuration.logFile),
            ("TEAMS_METRICS_FILE", configuration.metricsFile),
        ].compactMap { key, path in
            guard let path else { return nil }
            let directory = FilePaths.directory(of: path)
            let mayWrite =
                key == "TEAMS_LOG_FILE" && FilePaths.exists(path)
                ? access(path, W_OK) == 0 : access(directory, W_OK | X_OK) == 0
            guard !mayWrite else { return nil }
            return CheckupFinding(
                .files, .warning, "\(key) \(path.sanitized()) can't be written by this user",
                why: "passes run, and nobody hears of them there",
                remedy: "let this user write \(directory.sanitized())")
        }
    }
}
