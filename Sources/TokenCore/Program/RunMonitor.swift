/// Whoever watches the runs from outside: a metrics file, a heartbeat, a program told of changes. None
/// of them can fail a run; what goes wrong comes back as warnings.

internal import FoundationEssentials

struct RunMonitor: Sendable {
    private let invocation: PassInvocation
    private let settings: MonitoringSettings
    private let runID: String
    private let startedUptime: Duration
    private let clock: PassClock
    private let heartbeat: Heartbeat?

    /// - Parameter settings: Ignored by a dry run, which leaves no trace. Metrics and pings are about
    ///   the scheduled job; the hook hears of changes from whoever sees them first.
    init(
        _ invocation: PassInvocation, _ settings: MonitoringSettings, runID: String,
        startedUptime: Duration, clock: PassClock
    ) {
        var settings = invocation.dryRun ? MonitoringSettings() : settings
        if !invocation.isJob { (settings.metricsFile, settings.pingURL) = (nil, nil) }
        self.invocation = invocation
        self.settings = settings
        self.runID = runID
        self.startedUptime = startedUptime
        self.clock = clock
        heartbeat = settings.pingURL.map { url in
            Heartbeat(
                url: url, runID: runID, http: CurlHTTPClient(settings: CurlSettings(settings)))
        }
    }

    var wantsMetrics: Bool { settings.metricsFile != nil }

    /// Whether the run looks at named users only: it is made by hand, and says little about the
    /// scheduled passes.
    private var isPartial: Bool { !invocation.users.isEmpty }

    /// The lock is held, the pass begins.
    func begin() async {
        if !isPartial { await heartbeat?.begin() }
    }

    /// Writes the metrics file.
    /// - Parameters:
    ///   - report: Nil for a run that made no pass.
    ///   - deadlines: Nil where the table was not asked.
    func writeMetrics(
        _ status: ExitStatus, _ report: PassReport? = nil, deadlines: TokenStore.Deadlines? = nil
    ) -> [String] {
        guard let path = settings.metricsFile else { return [] }
        let file = PublishedFile(path: path, mode: 0o644)
        do throws(SystemError) {
            try file.update { previous in
                var document = MetricsDocument(
                    previous: previous.map { String(decoding: $0, as: UTF8.self) })
                document.record(
                    status, at: clock.now(), took: clock.uptime() - startedUptime,
                    interval: settings.passInterval)
                if let report {
                    document.record(
                        report, status, deadlines: deadlines, isWhole: !isPartial,
                        testedAPI: invocation.testAPI)
                }
                return Array(document.text.utf8)
            }
            return []
        } catch {
            return ["no metrics are written: \(error)".sanitized()]
        }
    }

    /// Pings, and runs the hook when something has changed.
    func tell(
        _ status: ExitStatus, _ changes: [StateChange] = [], remedies: Remedies = Remedies()
    ) async -> [String] {
        let isNews = status != .busy && !isPartial
        let warnings = await heartbeat?.end(isNews ? String(status.code) : "log") ?? []
        return warnings + [await runHook(changes, remedies)].compactMap { $0 }
    }

    private func runHook(_ changes: [StateChange], _ remedies: Remedies) async -> String? {
        guard let path = settings.hook, !changes.isEmpty else { return nil }
        let document = HookDocument(
            program: invocation.program, runID: runID, changes: changes, remedies: remedies)
        let hook = ChildProgram(path: path, environment: hookEnvironment, limit: .seconds(30))
        let words: String
        do throws(SystemError) {
            switch try await hook.run(input: Array("\(document.json.line)\n".utf8)) {
            case .exited(0): return nil
            case .exited(let code): words = "exited with \(code)"
            case .killed(let signal): words = "was killed by signal \(signal)"
            case .timedOut: words = "was ended after 30 s"
            }
        } catch {
            words = "can't be run: \(error.reason.lowercased())"
        }
        return "the hook \(path.sanitized()) \(words)"
    }

    /// Nothing of ours but the home directory, where a mailer looks for its settings.
    private var hookEnvironment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8", "HOME": invocation.environment["HOME"] ?? "/",
        ]
    }
}

extension CurlSettings {
    /// For pings.
    fileprivate init(_ settings: MonitoringSettings) {
        self.init(
            connectTimeout: Heartbeat.timeout, requestTimeout: Heartbeat.timeout, concurrency: 1,
            certificateFile: settings.certificateFile,
            allowsPlainHTTP: settings.pingURL?.hasPrefix("http://") ?? false,
            userAgent: "maintain-teams/\(ProductVersion.current)")
    }
}
