/// Who starts the passes on this machine: lines of crontabs and an enabled systemd timer, as files.

internal import Glibc

struct SchedulerCheck {
    /// Before the paths; another one for tests.
    var root = ""

    private static let job = "maintain-teams"

    var findings: [CheckupFinding] {
        let (lines, unreadable) = crontabLines
        var findings = lines.flatMap(complaints)
        let active = lines.filter {
            (!$0.isGuarded || !bootsSystemd) && complaints($0).isEmpty
        }
        let timer = enabledTimer
        switch (active.first, timer) {
        case (let line?, let timer?):
            findings.append(
                CheckupFinding(
                    .schedule, .warning,
                    "both \(line.file.sanitized()) and \(timer.sanitized()) start passes",
                    why: "every other pass finds the lock taken or nothing to do",
                    remedy: "take one away: `systemctl disable --now maintain-teams.timer`, or the "
                        + "crontab's line"))
        case (let line?, nil) where active.count > 1:
            let files = active.map { $0.file.sanitized() }.joined(separator: " and ")
            findings.append(
                CheckupFinding(
                    .schedule, .warning, "two lines start passes: \(files)",
                    why: "every other pass finds the lock taken or nothing to do",
                    remedy: "keep that of \(line.file.sanitized()), and take the other away"))
        case (let line?, nil):
            findings.append(
                CheckupFinding(.schedule, .ok, "passes are started by \(line.file.sanitized())"))
        case (nil, let timer?):
            findings.append(
                CheckupFinding(.schedule, .ok, "passes are started by \(timer.sanitized())"))
        case (nil, nil) where !findings.isEmpty: break
        case (nil, nil):
            let blind = unreadable.map { "; \($0) can't be read by this user" } ?? ""
            findings.append(
                CheckupFinding(
                    .schedule, .note, "nothing on this machine was seen to start passes\(blind)",
                    why: "tokens die when nobody refreshes them",
                    remedy:
                        "`cp crontab.example /etc/cron.d/maintain-teams`, unless another machine "
                        + "or container starts them"))
        }
        return findings
    }

    // MARK: cron

    struct Line: Equatable {
        let file: String
        /// Whether it does nothing where systemd runs.
        let isGuarded: Bool
        let lacksLineEnd: Bool
        /// The job, as the line calls it.
        let program: String
    }

    private func complaints(_ line: Line) -> [CheckupFinding] {
        var findings: [CheckupFinding] = []
        let name = line.file.split(separator: "/").last.map(String.init) ?? line.file
        let isPackaged = line.file.contains("/cron.d/")
        if isPackaged, name.contains(where: { !$0.isLetter && !$0.isNumber && !"_-".contains($0) })
        {
            findings.append(
                CheckupFinding(
                    .schedule, .warning, "cron passes over \(line.file.sanitized())",
                    why: "names in /etc/cron.d have letters, digits, _ and - only",
                    remedy: "`mv \(line.file.sanitized()) /etc/cron.d/maintain-teams`"))
        }
        if line.program.hasPrefix("/"), !FilePaths.exists(root + line.program) {
            findings.append(
                CheckupFinding(
                    .schedule, .warning,
                    "\(line.file.sanitized()) starts \(line.program.sanitized()), which is not there",
                    why: "cron fails at it each time",
                    remedy: "put what `command -v maintain-teams` prints into the line"))
        }
        if line.lacksLineEnd {
            findings.append(
                CheckupFinding(
                    .schedule, .warning,
                    "the last line of \(line.file.sanitized()) has no line end",
                    why: "cron ignores such a line", remedy: "end it with a newline"))
        }
        if let status = try? FileStatus(path: root + line.file), isPackaged,
            status.othersCanWrite
        {
            findings.append(
                CheckupFinding(
                    .schedule, .warning, "others than root can write \(line.file.sanitized())",
                    why: "cron ignores it, or runs what anybody puts there",
                    remedy: "`chmod 0644 \(line.file.sanitized())`"))
        }
        return findings
    }

    /// - Returns: The lines that start the job, and a place that this user can't look into.
    private var crontabLines: (lines: [Line], unreadable: String?) {
        var lines: [Line] = []
        var unreadable: String?
        let tables = ["/etc/crontab"]
        let folders = ["/etc/cron.d", "/var/spool/cron/crontabs", "/var/spool/cron"]
        for folder in folders {
            guard FilePaths.exists(root + folder) else { continue }
            guard let names = FilePaths.names(in: root + folder) else {
                unreadable = folder
                continue
            }
            lines += names.sorted().flatMap { self.lines(of: "\(folder)/\($0)") }
        }
        return (tables.flatMap(self.lines) + lines, unreadable)
    }

    private func lines(of file: String) -> [Line] {
        guard let bytes = try? FilePaths.contents(of: root + file) else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            let entry = line.trimmed
            guard !entry.hasPrefix("#"), isEntry(entry), let program = program(of: entry, in: file)
            else { return nil }
            return Line(
                file: file, isGuarded: entry.contains("/run/systemd/system"),
                lacksLineEnd: index == lines.count - 1, program: program)
        }
    }

    /// The word of an entry that is our program: not its user, and not `/var/lib/maintain-teams`.
    private func program(of entry: String, in file: String) -> String? {
        let namesUser = file == "/etc/crontab" || file.hasPrefix("/etc/cron.d/")
        let timeFields = entry.hasPrefix("@") ? 1 : 5
        return entry.split(whereSeparator: \.isWhitespace)
            .dropFirst(timeFields + (namesUser ? 1 : 0))
            .flatMap { $0.split(whereSeparator: { ";&|()'\"".contains($0) }).map(String.init) }
            .first { word in
                (word == Self.job || word.hasSuffix("/\(Self.job)"))
                    && FilePaths.names(in: root + word) == nil
            }
    }

    /// Not `MAILTO=maintain-teams@…`: a schedule begins with a minute or with `@`.
    private func isEntry(_ line: String) -> Bool {
        line.first.map { $0.isNumber || "*@-".contains($0) } ?? false
    }

    // MARK: systemd

    private var bootsSystemd: Bool { FilePaths.exists("\(root)/run/systemd/system") }

    private var enabledTimer: String? {
        let wants = "timers.target.wants/\(Self.job).timer"
        return ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"]
            .map { "\($0)/\(wants)" }.first { FilePaths.isPresent(root + $0) }
    }
}
