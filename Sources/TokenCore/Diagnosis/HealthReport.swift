/// Whether the job does what it is there for: each fact as a finding, and from all of them a state for
/// Nagios and an exit status. Pure.

internal import FoundationEssentials

struct HealthFinding: Equatable, Sendable {
    /// Names in JSON, and a contract.
    enum Name: String, Sendable {
        case noPass = "no_pass"
        case passMissing = "pass_missing"
        case passesFail = "passes_fail"
        case lastPass = "last_pass"
        case passUnfinished = "pass_unfinished"
        case tokenExpired = "token_expired"
        case tokenExpiring = "token_expiring"
        case tokens
        case needPerson = "need_person"
        case spool
        case refusedByTable = "refused_by_table"
        case clock
    }

    let name: Name
    let state: NagiosState
    /// What it makes of the exit status.
    let status: ExitStatus
    let message: String
    /// What to do; nil where nothing is to be done.
    let remedy: String?

    init(
        _ name: Name, _ state: NagiosState, _ status: ExitStatus, _ message: String,
        remedy: String? = nil
    ) {
        self.name = name
        self.state = state
        self.status = status
        self.message = message
        self.remedy = remedy
    }

    /// As it should be.
    init(_ name: Name, _ message: String) { self.init(name, .ok, .ok, message) }
}

struct HealthReport: Sendable {
    let facts: HealthFacts
    /// Worst first.
    let findings: [HealthFinding]

    init(_ facts: HealthFacts) {
        self.facts = facts
        let found = [
            facts.passFindings, facts.tokenFindings, [facts.people], facts.spoolFindings,
            facts.clockFindings,
        ].flatMap { $0 }
        // Of equals the earlier: what is said first explains what follows.
        let order = found.indices.sorted {
            (-found[$0].state.severity, $0) < (-found[$1].state.severity, $1)
        }
        findings = order.map { found[$0] }
    }

    var state: NagiosState { findings.first?.state ?? .unknown }
    var status: ExitStatus { ExitStatus(ofAll: findings.map(\.status)) }
}

extension HealthFacts {
    private var interval: String { RelativeTime.words(seconds: passInterval.seconds) }

    private func ago(_ date: Date) -> String {
        RelativeTime.words(seconds: max(0, now.timeIntervalSince(date)))
    }

    // MARK: Passes

    fileprivate var passFindings: [HealthFinding] {
        [aliveness, lastResult, unfinishedPass].compactMap { $0 }
    }

    /// Whether somebody starts the job, and whether it gets anywhere.
    private var aliveness: HealthFinding? {
        guard let finished = passes.lastFinished, let end = finished.finishedAt else {
            guard unfinished != .underWay else {
                return HealthFinding(
                    .noPass, .unknown, .transient, "the first pass is under way")
            }
            return HealthFinding(
                .noPass, .unknown, .transient, "no pass yet",
                remedy: "make one with `maintain-teams`, then let cron or systemd start it: "
                    + "see crontab.example")
        }
        let success = passes.lastSuccess?.finishedAt
        guard isOld(success ?? passes.firstStartedAt ?? end) else { return nil }
        if isOld(end), unfinished != .underWay {
            if let lostNotes { return silence(since: end, lostNotes) }
            return HealthFinding(
                .passMissing, .critical, .transient,
                "no pass for \(ago(end)); one is expected every \(interval)",
                remedy:
                    "see whether the scheduler runs: `systemctl list-timers maintain-teams.timer` "
                    + "or `cat /etc/cron.d/maintain-teams`; `teams-token doctor` looks at both")
        }
        let since = success.map { "for \(ago($0))" } ?? "yet"
        return HealthFinding(
            .passesFail, .critical, .transient, "no pass has succeeded \(since)",
            remedy: "run `maintain-teams` and do as it says")
    }

    /// Nobody knows whether passes came.
    private func silence(since end: Date, _ lost: LostNotes) -> HealthFinding {
        let known = "no pass is known since \(ago(end)) ago"
        switch lost {
        case .unreadable(let error):
            return HealthFinding(
                .passMissing, .unknown, .transient,
                "\(known), and the notes of passes that had nothing to do can't be read: "
                    + error.description.sanitized(limit: 300),
                remedy:
                    "run it as the user of the job, or give the file the owner, group and mode of "
                    + "the database")
        case .missing:
            return HealthFinding(
                .passMissing, .unknown, .transient,
                "\(known), and the lock names a later one: its note beside the database is missing",
                remedy: "wait for the next pass; `maintain-teams` says whether it can write")
        }
    }

    private var lastResult: HealthFinding? {
        guard let finished = passes.lastFinished, let end = finished.finishedAt,
            let code = finished.exitCode
        else { return nil }
        let words =
            "the last pass ended \(ago(end)) ago with \(ExitStatus.name(ofCode: code)) (\(code))"
        let remedy = "run `maintain-teams` and do as it says; `teams-token history` has the counts"
        guard let row = ExitStatus.row(ofCode: code) else {
            return HealthFinding(
                .lastPass, .warning, .transient, words, remedy: "the next pass goes on")
        }
        switch row.status {
        // People have a finding of their own, as of now and not as of then.
        case .ok, .reauth: return HealthFinding(.lastPass, words)
        case .transient, .reauthAndTransient:
            return HealthFinding(
                .lastPass, .warning, .transient, words,
                remedy: "nothing, if it passes; else `maintain-teams -v` says what fails")
        case .database, .config:
            return HealthFinding(
                .lastPass, row.status.nagiosState, row.status, words, remedy: remedy)
        default:
            return HealthFinding(
                .lastPass, row.status.nagiosState, .transient, words, remedy: remedy)
        }
    }

    private var unfinishedPass: HealthFinding? {
        guard let last = passes.last, let unfinished else { return nil }
        let begun = "the pass that began \(ago(last.startedAt)) ago"
        switch unfinished {
        case .underWay: return HealthFinding(.passUnfinished, "\(begun) is under way")
        case .hung(let pid):
            return HealthFinding(
                .passUnfinished, .warning, .transient,
                "\(begun) still runs, and may take \(RelativeTime.words(seconds: longestPass.seconds))",
                remedy: "look at process \(pid); `kill \(pid)` lets it store what it has")
        case .killed:
            return HealthFinding(
                .passUnfinished, .warning, .transient, "\(begun) was killed before its end",
                remedy: "the next pass goes on where it was; see who killed it with `dmesg`")
        }
    }

    // MARK: Tokens and people

    fileprivate var tokenFindings: [HealthFinding] {
        // Before the first pass nobody knows when the next one comes.
        let state: NagiosState = passes.lastFinished == nil ? .warning : .critical
        var findings: [HealthFinding] = []
        if tokens.expired > 0 {
            findings.append(
                HealthFinding(
                    .tokenExpired, state, .transient,
                    "\(Self.tokens(tokens.expired, tokens.isCut)) expired",
                    remedy:
                        "`teams-token refresh --all` says why; `teams-token list --due` names them"
                ))
        }
        if tokens.expiring > 0 {
            findings.append(
                HealthFinding(
                    .tokenExpiring, state, .transient,
                    "\(Self.tokens(tokens.expiring, tokens.isCut)) will expire before the next pass, "
                        + "expected in \(RelativeTime.words(seconds: nextPass.timeIntervalSince(now)))",
                    remedy: "refresh now with `teams-token refresh --all`; "
                        + "`teams-token list --due` names them"))
        }
        guard findings.isEmpty else { return findings }
        let next = tokens.earliestExpiry.map {
            ", the first one in \(RelativeTime.words(seconds: max(0, $0.timeIntervalSince(now))))"
        }
        return [
            HealthFinding(.tokens, "no access token expires before the next pass\(next ?? "")")
        ]
    }

    private static func tokens(_ count: Int, _ isCut: Bool) -> String {
        if isCut { return "\(count) or more access tokens" }
        return count == 1 ? "1 access token" : "\(count) access tokens"
    }

    fileprivate var people: HealthFinding {
        guard needPerson > 0 else {
            return HealthFinding(.needPerson, "no connection needs a person")
        }
        return HealthFinding(
            .needPerson, .warning, .reauth,
            needPerson == 1
                ? "1 connection needs a person" : "\(needPerson) connections need a person",
            remedy: "`teams-token list --needs-reauth` says who")
    }

    // MARK: Files and clock

    fileprivate var spoolFindings: [HealthFinding] {
        var findings: [HealthFinding] = []
        if refused > 0 {
            findings.append(
                HealthFinding(
                    .refusedByTable, ExitStatus.database.nagiosState, .database,
                    "a rule of the table refuses the tokens of \(refused) "
                        + (refused == 1 ? "connection" : "connections"),
                    remedy: "`maintain-teams` names the rule; each pass tries again"))
        }
        // What a pass that is under way holds there is on its way.
        if spooled > 0, unfinished != .underWay {
            findings.append(
                HealthFinding(
                    .spool, .warning, .transient,
                    spooled == 1
                        ? "1 received answer is not in the database yet"
                        : "\(spooled) received answers are not in the database yet",
                    remedy: "run `maintain-teams`, which stores them first; never delete the spool")
            )
        }
        return findings
    }

    fileprivate var clockFindings: [HealthFinding] {
        let latest = [passes.last?.startedAt, passes.lastFinished?.finishedAt].compactMap { $0 }
            .max()
        guard let latest, latest.timeIntervalSince(now) > 60 else { return [] }
        let ahead = RelativeTime.words(seconds: latest.timeIntervalSince(now))
        return [
            HealthFinding(
                .clock, .warning, .transient, "the last pass was made \(ahead) from now",
                remedy: "this machine's clock has jumped: check its time synchronisation")
        ]
    }
}
