/// What a pass would do, by the same selection, without lock, write or network.

internal import FoundationEssentials

public enum DryRun {
    /// - Throws: ``StoreError``.
    public static func run(
        settings: MaintenancePass.Settings, store: TokenStore, clock: PassClock, runID: String
    ) async throws(StoreError) -> PassReport {
        let now = clock.now()
        var report = PassReport(runID: runID, startedAt: now, isDryRun: true)
        let horizon = now + settings.refreshBefore.seconds
        var source = CandidateSource(
            settings.named.map { .named($0, force: settings.force) } ?? .due, horizon: horizon)
        var met = RowSet()
        var tally = PassTally()
        let pause = try await store.clientPause(at: now)
        if let pause { tally.add(.pause(until: pause, provider: store.settings.provider)) }
        while let page = try await source.next(256, from: store, at: now) {
            for candidate in met.unmet(of: page) {
                switch candidate {
                case .attempt(let connection):
                    if pause == nil {
                        report.plan.append(
                            PlannedAttempt(connection, horizon: horizon, at: now))
                        tally.count(
                            Settlement(connection: connection, outcome: .notAttempted), at: now)
                    } else {
                        tally.paused()
                    }
                case .standing(let connection):
                    if let failure = connection.failure { tally.standing(connection, failure) }
                case .malformed(let id, _): tally.malformed(id)
                }
            }
        }
        report.counts = tally.counts
        report.problems = tally.problems
        try await settings.addTotals(to: &report.counts, from: store, at: now)
        report.finishedAt = clock.now()
        return report
    }
}

extension PlannedAttempt {
    fileprivate init(_ connection: Connection, horizon: Date, at now: Date) {
        let left = connection.expiresAt.timeIntervalSince(now)
        let when =
            left >= 0
            ? "expires in \(Self.words(left))" : "expired \(Self.words(-left)) ago"
        let why: String =
            if let failure = connection.failure {
                "\(when), \(failure.verdict.rawValue) since \(failure.since.rfc3339)"
            } else if connection.expiresAt > horizon {
                "\(when), forced"
            } else {
                when
            }
        self.init(id: connection.id, expiresAt: connection.expiresAt, reason: why)
    }

    private static func words(_ seconds: Double) -> String { RelativeTime.words(seconds: seconds) }
}
