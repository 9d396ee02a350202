/// `maintain-teams` from configuration to exit status: every error of the start ends the run here, in the
/// order configuration, database, lock; after that the pass decides.

internal import FoundationEssentials
internal import Glibc
internal import Logging

public struct PassProgram: Sendable {
    let invocation: PassInvocation
    let console: Console
    let signals: TerminationSignals
    let clock: PassClock
    let runID = UUID().uuidString.lowercased()
    private let startedUptime: Duration
    /// Asked while waiting for the lock, and again with the lock in hand: another process may have done
    /// meanwhile what this pass is for.
    var isStillNeeded: @Sendable () async -> Bool = { true }

    public init(
        _ invocation: PassInvocation, signals: TerminationSignals, clock: PassClock = .system
    ) {
        self.invocation = invocation
        self.signals = signals
        self.clock = clock
        startedUptime = clock.uptime()
        console = Console(environment: invocation.environment)
    }

    /// - Returns: The status to exit with; a signal's is to be died by.
    public func run() async -> ExitStatus {
        let reporter = RunReporter(
            invocation: invocation, console: console, runID: runID, startedAt: clock.now(),
            startedUptime: clock.uptime(), clock: clock)
        let configuration: Configuration
        do throws(ConfigurationFailure) {
            configuration = try invocation.configuration(needsClient: !invocation.dryRun)
        } catch {
            var failure = RunFailure(error)
            let told = await tell(of: failure, monitor(error.monitoring), Remedies())
            failure.warnings = error.warnings + told
            return reporter.fail(failure)
        }
        do throws(RunFailure) {
            let pass = try await pass(
                configuration, wantsTotals: reporter.wantsTotals(configuration))
            guard let pass else { return .ok }
            return reporter.conclude(pass.report, pass.status, pass.news, configuration)
        } catch {
            return reporter.fail(error, configuration)
        }
    }

    /// What a pass came to, for whoever tells of it.
    struct Finished: Sendable {
        let report: PassReport
        let status: ExitStatus
        /// What is to be printed of its problems.
        let news: ReportMemory.News
    }

    /// Makes the pass, log and journal included, and prints nothing but progress.
    /// - Returns: nil for one that was not needed any more.
    func pass(
        _ configuration: Configuration, wantsTotals: Bool
    ) async throws(RunFailure) -> Finished? {
        let monitor = monitor(configuration.monitoring)
        let (log, logWarning) = openLog(configuration)
        let warnings = configuration.warnings + [logWarning].compactMap { $0 }
        do throws(RunFailure) {
            return try await pass(configuration, log, warnings, monitor, wantsTotals: wantsTotals)
        } catch {
            var failure = error
            let told = await tell(of: failure, monitor, configuration.remedies)
            failure.warnings = warnings + told
            log?.fail(failure.summary)
            log?.finish(failure.status, nil, warnings: told)
            throw failure
        }
    }

    private func monitor(_ settings: MonitoringSettings) -> RunMonitor {
        RunMonitor(invocation, settings, runID: runID, startedUptime: startedUptime, clock: clock)
    }

    /// - Returns: Warnings.
    private func tell(
        of failure: RunFailure, _ monitor: RunMonitor, _ remedies: Remedies
    ) async -> [String] {
        let warnings = monitor.writeMetrics(failure.status, failure.report)
        return warnings
            + (await monitor.tell(failure.status, failure.report?.changes ?? [], remedies: remedies))
    }

    /// Tells of arguments that can't be understood. Nobody is pinged: it is a person at a terminal, or
    /// a line in a crontab that never ran, which its watcher misses soon enough.
    /// - Parameter invocation: With those options that could be read all the same.
    public static func refuse(
        _ invocation: PassInvocation, _ message: String, hint: String, clock: PassClock = .system
    ) -> ExitStatus {
        let runID = UUID().uuidString.lowercased()
        let startedUptime = clock.uptime()
        let settings = ConfigurationLoader.monitoring(
            options: invocation.options, configOption: invocation.configFile,
            environment: invocation.environment, isRoot: geteuid() == 0,
            home: invocation.environment["HOME"])
        var failure = RunFailure(.usage, message.sanitized(limit: 500), hint: hint)
        failure.warnings = RunMonitor(
            invocation, settings, runID: runID, startedUptime: startedUptime, clock: clock
        ).writeMetrics(.usage)
        return RunReporter(
            invocation: invocation, console: Console(environment: invocation.environment),
            runID: runID, startedAt: clock.now(), startedUptime: startedUptime, clock: clock
        ).fail(failure)
    }

    private func pass(
        _ configuration: Configuration, _ log: PassLog?, _ warnings: [String],
        _ monitor: RunMonitor, wantsTotals: Bool
    ) async throws(RunFailure) -> Finished? {
        var warnings = warnings
        if configuration.requestsInFlight < configuration.concurrency {
            warnings.append(
                "TEAMS_CONCURRENCY \(configuration.concurrency) needs more open files than this process "
                    + "may have (ulimit -n): \(configuration.requestsInFlight) requests at once")
        }
        let place = try DatabasePlace.find(configuration)
        let path = place.path
        warnings += [place.warning].compactMap { $0 }
        let store: TokenStore
        do throws(StoreError) {
            store = try TokenStore(
                TokenStore.Settings(configuration, path: path), readOnly: invocation.dryRun)
        } catch {
            throw RunFailure(error)
        }
        var lock: FileLock?
        if !invocation.dryRun {
            lock = try await takeLock(path, place.status, configuration)
            if lock == nil { return nil }
        }
        defer { lock?.release() }
        let locked = clock.uptime()
        await monitor.begin()

        let watcher = PassWatcher(
            console: console, log: log, isVerbose: invocation.verbosity > 0,
            showsTimings: invocation.verbosity > 1,
            linesGoToError: invocation.json)
        var settings = MaintenancePass.Settings(
            refreshBefore: configuration.refreshBefore, passInterval: configuration.passInterval,
            deadline: locked + configuration.maxDuration,
            concurrency: configuration.requestsInFlight,
            wantsTotals: wantsTotals,
            spoolPath: Spool.path(forDatabase: path, directory: configuration.spoolDirectory))
        settings.force = invocation.force
        settings.authorityIsAlias = configuration.authority.isAlias
        settings.named = try await namedRows(in: store)

        var report: PassReport
        do throws(StoreError) {
            report =
                if invocation.dryRun {
                    try await DryRun.run(
                        settings: settings, store: store, clock: clock, runID: runID)
                } else {
                    try await makePass(
                        configuration, settings, store, place.status, watcher)
                }
        } catch {
            await remember(error, settings, store)
            let leftovers = try? Spool.leftovers(at: settings.spoolPath)
            throw RunFailure(error, leavesTokens: leftovers?.isEmpty == false)
        }
        report.warnings = warnings + report.warnings
        if let skew = report.clockSkew, abs(skew.seconds) > 60 {
            report.warnings.append(Self.warning(aboutSkew: skew))
        }
        if settings.force { report.blameMissingRefreshTokens(of: settings.named ?? []) }
        if wantsTotals, settings.named == nil, report.counts.connections == 0 {
            report.warnings += await strangers(in: store).map { [$0] } ?? []
        }
        let status = ExitStatus(report)
        let news: ReportMemory.News
        do throws(RunFailure) {
            news = try await remember(report, status, configuration, settings, store)
        } catch {
            var failure = error
            failure.report = report
            throw failure
        }
        var deadlines: TokenStore.Deadlines?
        if monitor.wantsMetrics, settings.named == nil {
            deadlines = try? await store.deadlines(at: clock.now())
        }
        report.warnings += monitor.writeMetrics(status, report, deadlines: deadlines)
        // Nothing that follows needs the database, and a hook may take its time.
        lock?.release()
        report.warnings += await monitor.tell(
            status, report.changes, remedies: configuration.remedies)
        log?.finish(status, report, warnings: report.warnings)
        return Finished(report: report, status: status, news: news)
    }

    private func makePass(
        _ configuration: Configuration, _ settings: MaintenancePass.Settings, _ store: TokenStore,
        _ databaseStatus: FileStatus, _ watcher: PassWatcher
    ) async throws(StoreError) -> PassReport {
        let http = CurlHTTPClient(settings: CurlSettings(configuration))
        let clock = clock
        let meter = RequestMeter()
        let endpoint = TokenEndpoint(
            registration: configuration.registration, http: meter.measuring(http, as: .token),
            now: clock.now)
        let probe =
            invocation.testAPI
            ? GraphProbe(
                root: configuration.graphURL, http: meter.measuring(http, as: .graph),
                now: clock.now) : nil
        let pass = MaintenancePass(
            settings: settings, store: store, endpoint: endpoint, probe: probe,
            databaseStatus: databaseStatus, clock: clock, stopSignal: signals.first,
            observe: { watcher.note($0) })
        let console = console
        let refreshing =
            console.errorIsTerminal
            ? Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Console.progressInterval)
                    console.refreshProgress()
                }
            } : nil
        defer {
            refreshing?.cancel()
            console.endProgress()
        }
        var report = try await pass.run(runID: runID)
        report.requests = meter.counts
        return report
    }
}
