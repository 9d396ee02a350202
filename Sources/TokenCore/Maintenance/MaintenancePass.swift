/// One pass: due -> redeem -> store -> settle, first one alone, then up to `concurrency` at once.
///
/// The decisions are ``PassScheduler``'s; this file carries them out. All state of the pass is local to
/// one task: whatever takes time is started by it and reports back as a value.

internal import FoundationEssentials

public struct MaintenancePass: Sendable {
    public struct Settings: Sendable {
        /// Rows that users of `--user` have; nil for all that is due.
        public var named: [SelectedRow]?
        /// Refresh the named ones whether due or not.
        public var force = false
        public var refreshBefore: Duration
        public var passInterval: Duration
        /// When nothing new is started any more, in the clock's uptime.
        public var deadline: Duration
        /// Requests in flight, 1 to 1024.
        public var concurrency: Int
        /// Whether the tenant is an alias such as `common`.
        public var authorityIsAlias = false
        /// Whether somebody reads totals over the table, which cost a scan of it.
        public var wantsTotals: Bool
        public var spoolPath: String

        public init(
            named: [SelectedRow]? = nil, force: Bool = false, refreshBefore: Duration,
            passInterval: Duration, deadline: Duration, concurrency: Int,
            authorityIsAlias: Bool = false, wantsTotals: Bool = true, spoolPath: String
        ) {
            self.named = named
            self.force = force
            self.refreshBefore = refreshBefore
            self.passInterval = passInterval
            self.deadline = deadline
            self.concurrency = concurrency
            self.authorityIsAlias = authorityIsAlias
            self.wantsTotals = wantsTotals
            self.spoolPath = spoolPath
        }
    }

    let settings: Settings
    let store: TokenStore
    let endpoint: TokenEndpoint
    let probe: GraphProbe?
    let databaseStatus: FileStatus
    let clock: PassClock
    /// Yields the signal that asks the pass to end early.
    let stopSignal: AsyncStream<Int32>?
    let observe: PassObserver

    /// - Parameters:
    ///   - probe: Tests each connection's access token; nil tests none.
    ///   - databaseStatus: Whose owner and mode the spool takes.
    public init(
        settings: Settings, store: TokenStore, endpoint: TokenEndpoint, probe: GraphProbe?,
        databaseStatus: FileStatus, clock: PassClock, stopSignal: AsyncStream<Int32>? = nil,
        observe: @escaping PassObserver = { _ in }
    ) {
        self.settings = settings
        self.store = store
        self.endpoint = endpoint
        self.probe = probe
        self.databaseStatus = databaseStatus
        self.clock = clock
        self.stopSignal = stopSignal
        self.observe = observe
    }

    /// Makes the pass. The caller holds the lock of the database.
    /// - Throws: ``StoreError`` when the database fails before a token was spent; a failure after
    ///   that is in the report.
    public func run(runID: String) async throws(StoreError) -> PassReport {
        let startedAt = clock.now()
        var report = PassReport(runID: runID, startedAt: startedAt)
        observe(.started(runID: runID))
        let replay = try await SpoolReplay.run(
            spoolPath: settings.spoolPath, like: databaseStatus, store: store, now: startedAt)
        report.warnings += replay.warnings
        if replay.stored > 0 { observe(.spoolReplayed(stored: replay.stored)) }
        let stop = StopSignal(stopSignal)
        var run = PassRun(self, startedAt: startedAt, stop: stop)
        run.withhold(replay.refused, because: replay.refusal)
        try await run.prepare(runID: runID)
        await run.drive()
        await run.conclude()
        report.stop = run.stopReason
        report.counts = run.tally.counts
        report.problems = run.tally.problems
        report.changes = run.tally.changes
        report.suspended = run.tally.suspended
        report.refreshes = run.tally.refreshes
        report.clockSkew = run.clockSkew
        do throws(StoreError) {
            try await complete(&report, run, stop)
        } catch {
            // What was done before it failed is worth a report.
            guard run.didWork || report.apiTest != APITestCounts() else { throw error }
            report.end(error, provider: store.settings.provider)
        }
        if let error = run.refusedByTable, report.stop == nil {
            report.end(error, provider: store.settings.provider)
        }
        report.end(bySignal: stop.number)
        report.finishedAt = clock.now()
        return report
    }

    /// Proves the database writable and gives the answers to come their room.
    func begin(runID: String, at now: Date) async throws(StoreError) -> Spool {
        try await store.beginPass(
            runID, at: now, summary: settings.named == nil ? nil : JournalEntry.partialSummary)
        do throws(SystemError) {
            return try Spool.reserve(
                at: settings.spoolPath, slots: Spool.slots(forRequests: settings.concurrency),
                like: databaseStatus)
        } catch {
            throw StoreError(error)
        }
    }

    /// What is asked after the last refresh: the probe, totals, and housekeeping.
    private func complete(
        _ report: inout PassReport, _ run: PassRun, _ stop: StopSignal
    ) async throws(StoreError) {
        if case .database = report.stop {
            // A database that takes nothing can often still be read.
            try? await settings.addTotals(to: &report.counts, from: store, at: clock.now())
            return
        }
        if let probe, run.mayGoOn {
            let spool: Spool =
                if let spool = run.spool { spool } else {
                    try await begin(runID: report.runID, at: report.startedAt)
                }
            // What the table refused is still in the spool, whose slots a refresh would take, and the tokens
            // before it are spent.
            var phase = ProbePhase(
                pass: self, probe: probe, refreshed: run.refreshedRows,
                mayRefresh: run.mayRefresh && run.nothingIsSpooled,
                withheld: run.withheld, spool: spool, stop: stop)
            try await phase.run(horizon: report.startedAt + settings.refreshBefore.seconds)
            report.apiTest = phase.counts
            report.problems += phase.problems
            report.warnings += phase.warnings
            report.changes += phase.changes
            report.refreshes.merge(phase.refreshes, uniquingKeysWith: +)
            // The spool holds what the database could not take.
            if let error = phase.storeFailure { throw error }
        }
        if run.didWork { try await store.forgetDeletedConnections() }
        if run.nothingIsSpooled { Spool.discard(at: settings.spoolPath) }
        try await settings.addTotals(to: &report.counts, from: store, at: clock.now())
    }
}

extension PassReport {
    /// The database failed when the connections were settled already.
    fileprivate mutating func end(_ error: StoreError, provider: String) {
        let reason = StopReason.database(message: error.message, hint: error.hint)
        stop = reason
        if let problem = Problem.stopped(reason, counts, provider: provider) {
            problems.append(problem)
        }
    }

    /// A signal outranks every other end but a failed store.
    fileprivate mutating func end(bySignal number: Int32?) {
        guard let number else { return }
        if case .database = stop { return }
        stop = .signal(number)
    }
}

extension MaintenancePass.Settings {
    /// Counts over the whole selection, where somebody reads them.
    func addTotals(
        to counts: inout PassCounts, from store: TokenStore, at now: Date
    ) async throws(StoreError) {
        guard wantsTotals else { return }
        let nextPass = now + passInterval.seconds
        if let named {
            counts.connections = named.count
            counts.noRefreshToken = named.count {
                if case .noRefreshToken = $0 { true } else { false }
            }
            for case .connection(let connection) in named {
                guard case .connection(let current) = try await store.row(connection.rowID, at: now)
                else { continue }
                if current.expiresAt <= nextPass { counts.atRisk += 1 }
            }
        } else {
            let totals = try await store.totals()
            // A row that was deleted during the pass has had its outcome all the same.
            counts.connections = max(
                totals.connections, counts.due + counts.malformed + totals.withoutRefreshToken)
            counts.noRefreshToken = totals.withoutRefreshToken
            counts.atRisk = try await store.countDue(horizon: nextPass)
        }
    }
}
