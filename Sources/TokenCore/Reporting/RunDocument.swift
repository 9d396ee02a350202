/// The one JSON document of a run, described by docs/summary.schema.json. Runs that made no pass have the
/// same shape, with `counts` null.

public import FoundationEssentials

public struct RunDocument: Sendable {
    public var program: String
    public var runID: String
    public var status: ExitStatus
    public var startedAt: Date
    public var finishedAt: Date
    /// Seconds, by a clock that does not jump.
    public var duration: Duration
    /// Nil for a run that made no pass.
    public var report: PassReport?
    public var problems: [Problem]
    public var warnings: [String]
    public var remedies: Remedies

    public init(
        program: String, runID: String, status: ExitStatus, startedAt: Date, finishedAt: Date,
        duration: Duration, report: PassReport?, problems: [Problem], warnings: [String],
        remedies: Remedies
    ) {
        self.program = program
        self.runID = runID
        self.status = status
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.duration = duration
        self.report = report
        self.problems = problems
        self.warnings = warnings
        self.remedies = remedies
    }

    public var json: JSON {
        var members: [(String, JSON)] = [
            ("schema", .integer(1)), ("program", .string(program)),
            ("version", .string(ProductVersion.current)), ("run_id", .string(runID)),
            ("result", .string(status.row.result)), ("exit_code", .integer(Int64(status.code))),
            ("started_at", .time(startedAt)), ("finished_at", .time(finishedAt)),
            ("duration_seconds", .number((duration.seconds * 1000).rounded() / 1000)),
            ("dry_run", .bool(report?.isDryRun ?? false)),
            // Without the total the sums can't hold: a failed database may not tell it.
            (
                "counts",
                report.flatMap { $0.counts.connections == nil ? nil : $0.counts.json } ?? .null
            ),
            ("api_test", report.map { $0.apiTest.json } ?? .null),
            ("problems", .array(problems.map(json))),
            ("warnings", .array(warnings.map { .string($0) })),
        ]
        if let report, report.isDryRun { members.append(("plan", .array(report.plan.map(\.json)))) }
        return .members(members)
    }

    private func json(_ problem: Problem) -> JSON {
        let refusal = problem.refusal
        return .members([
            ("user_id", .user(problem.userID)), ("provider", .string(problem.provider)),
            ("verdict", .string(problem.cause.name)), ("who", .string(problem.who.rawValue)),
            ("error", .text(refusal.error)), ("suberror", .text(refusal.suberror)),
            ("codes", .array(refusal.codes.map { .count($0) })),
            ("correlation_id", .text(refusal.correlationID)),
            ("trace_id", .text(refusal.traceID)), ("since", .time(problem.since)),
            ("expires_at", .time(problem.expiresAt)), ("message", .string(refusal.message)),
            ("remedy", .string(remedies.remedy(for: problem))),
        ])
    }
}

extension PassCounts {
    /// Every count of the document with its name, in its order.
    var named: [(String, Int?)] {
        [
            ("connections", connections), ("fresh", fresh), ("due", due), ("refreshed", refreshed),
            ("reauth_required", reauthRequired), ("consent_required", consentRequired),
            ("transient", transient), ("throttled", throttled), ("rejected", rejected),
            ("configuration", configuration), ("raced", raced), ("deferred", deferred),
            ("backing_off", backingOff), ("not_attempted", notAttempted),
            ("malformed", malformed), ("no_refresh_token", noRefreshToken), ("at_risk", atRisk),
        ]
    }

    var json: JSON { .members(members) }

    /// As the journal keeps them.
    /// - Parameters:
    ///   - isPartial: Whether the pass was about named users only.
    ///   - reason: Why it ended for all of its connections.
    func journal(isPartial: Bool, reason: String?) -> JSON {
        let reason = reason.map { [("reason", JSON.string($0.sanitized(limit: 300)))] } ?? []
        return .members(members + (isPartial ? [("partial", .bool(true))] : []) + reason)
    }

    private var members: [(String, JSON)] {
        named.map { ($0.0, $0.1.map { .count($0) } ?? .null) }
    }
}

extension APITestCounts {
    var json: JSON { .members(named.map { ($0.0, .count($0.1)) }) }
}

extension PlannedAttempt {
    fileprivate var json: JSON {
        .members([
            ("user_id", .user(id.userID)), ("provider", .string(id.provider)),
            ("expires_at", .time(expiresAt)), ("reason", .string(reason)),
        ])
    }
}
