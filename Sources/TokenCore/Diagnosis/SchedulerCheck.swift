/// Who starts the passes on this machine, a line of a crontab or an enabled systemd timer, and whether it does.

struct SchedulerCheck {
    let refreshBefore: Duration
    let passInterval: Duration
    /// Before the paths; another one for tests.
    var root = ""
    /// Whose the system's crontabs must be.
    var owner: UInt32 = 0

    private var crontabs: Crontabs { Crontabs(root: root) }

    var findings: [CheckupFinding] {
        let (lines, unreadable) = crontabs.lines()
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
        case (let line?, nil): findings += cron(line)
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

    /// One line that starts all passes.
    private func cron(_ line: Crontabs.Line) -> [CheckupFinding] {
        let file = line.file.sanitized()
        var findings: [CheckupFinding] = []
        if crontabs.isRead == false {
            findings.append(
                CheckupFinding(
                    .schedule, .warning, "\(file) is to start passes, and no cron daemon runs",
                    why: "tokens die when nobody refreshes them",
                    remedy:
                        "`systemctl enable --now cron` (where it is called so, crond), or a timer: "
                        + "`systemctl enable --now maintain-teams.timer`"))
        }
        findings += pace(line)
        return findings.isEmpty
            ? [CheckupFinding(.schedule, .ok, "passes are started by \(file)")] : findings
    }

    private func pace(_ line: Crontabs.Line) -> [CheckupFinding] {
        guard let gap = line.times?.longestGap, gap > passInterval else { return [] }
        let text = DurationText.text(of:)
        let seen = "\(line.file.sanitized()) leaves up to \(text(gap)) between two passes"
        let remedy = "`7,22,37,52 * * * *` starts one every 15 minutes"
        guard gap > refreshBefore else {
            return [
                CheckupFinding(
                    .schedule, .warning,
                    "\(seen), and TEAMS_PASS_INTERVAL is \(text(passInterval))",
                    why: "forecasts and `teams-token health` expect passes that don't come",
                    remedy: "\(remedy), or set TEAMS_PASS_INTERVAL=\(text(gap))")
            ]
        }
        return [
            CheckupFinding(
                .schedule, .problem(.config),
                "\(seen), and a token is due \(text(refreshBefore)) before it expires",
                why: "tokens expire between two passes, while all passes are well",
                remedy: "\(remedy), or set TEAMS_REFRESH_BEFORE=\(text(gap * 3)) and "
                    + "TEAMS_PASS_INTERVAL=\(text(gap))")
        ]
    }

    private func complaints(_ line: Crontabs.Line) -> [CheckupFinding] {
        let file = line.file.sanitized()
        let warning = { (seen: String, why: String, remedy: String) in
            CheckupFinding(.schedule, .warning, seen, why: why, remedy: remedy)
        }
        var findings: [CheckupFinding] = []
        let name = line.file.split(separator: "/").last ?? ""
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || "_-".contains($0) }
        if line.isPackaged, !isPlain {
            findings.append(
                warning(
                    "cron passes over \(file)",
                    "names in /etc/cron.d have letters, digits, _ and - only",
                    "`mv \(file) /etc/cron.d/maintain-teams`"))
        }
        if line.program.hasPrefix("/"), !FilePaths.exists(root + line.program) {
            findings.append(
                warning(
                    "\(file) starts \(line.program.sanitized()), which is not there",
                    "cron fails at it each time",
                    "put what `command -v maintain-teams` prints into the line"))
        }
        if line.lacksLineEnd {
            findings.append(
                warning(
                    "the last line of \(file) has no line end", "cron ignores such a line",
                    "end it with a newline"))
        }
        if let user = line.user, !UserName.exists(user) {
            findings.append(
                warning(
                    "\(file) starts passes as \(user.sanitized(limit: 64)), whom this machine does not know",
                    "cron ignores the file", "name the user of the job in the sixth column"))
        }
        guard line.isOfSystem, let status = try? FileStatus(path: root + line.file) else {
            return findings
        }
        if status.owner != owner {
            findings.append(
                warning(
                    "\(file) belongs to \(UserName.of(status.owner).sanitized(limit: 64))",
                    "cron ignores it unless it is root's", "`chown root: \(file)`"))
        }
        if status.othersCanWrite {
            findings.append(
                warning(
                    "others than root can write \(file)",
                    "cron ignores it, or runs what anybody puts there", "`chmod 0644 \(file)`"))
        }
        return findings
    }

    // MARK: systemd

    private var bootsSystemd: Bool { FilePaths.exists("\(root)/run/systemd/system") }

    private var enabledTimer: String? {
        let wants = "timers.target.wants/maintain-teams.timer"
        return ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"]
            .map { "\($0)/\(wants)" }.first { FilePaths.isPresent(root + $0) }
    }
}
