/// What a run leaves behind: the journal of passes, what has been told under `--report change`, and warnings
/// about the machine.

internal import FoundationEssentials

extension PassProgram {
    /// Writes the journal.
    /// - Returns: What is to be printed of the problems.
    func remember(
        _ report: PassReport, _ status: ExitStatus, _ configuration: Configuration,
        _ settings: MaintenancePass.Settings, _ store: TokenStore
    ) async throws(RunFailure) -> ReportMemory.News {
        var news = ReportMemory.News(problems: report.problems, ended: [])
        guard !report.isDryRun else { return news }
        do throws(StoreError) {
            if configuration.reportPolicy == .change, status.signal == nil {
                news = try await whatIsNew(in: report, isPartial: settings.named != nil, store)
            }
            try await store.endPass(
                runID, startedAt: report.startedAt, finishedAt: report.finishedAt,
                exitCode: status.code,
                summary: report.counts.journal(
                    isPartial: settings.named != nil, reason: report.reason
                ).line)
        } catch {
            // A pass that has failed on the database says so itself.
            if status != .database { throw RunFailure(error) }
        }
        return news
    }

    /// Ends the journal of a pass that was begun and stopped before a token was spent: nobody has killed it.
    func remember(
        _ error: StoreError, _ settings: MaintenancePass.Settings, _ store: TokenStore
    ) async {
        guard await store.hasBegunPass else { return }
        let now = clock.now()
        let failure = RunFailure(error)
        let summary = PassCounts().journal(
            isPartial: settings.named != nil, reason: failure.summary)
        // The failure is told whether or not this can be written.
        try? await store.endPass(
            runID, startedAt: now, finishedAt: now, exitCode: failure.status.code,
            summary: summary.line)
    }

    func whatIsNew(
        in report: PassReport, isPartial: Bool, _ store: TokenStore
    ) async throws(StoreError) -> ReportMemory.News {
        let told = try await store.reportedProblems()
        var memory = ReportMemory(
            entries: told.mapValues { ReportMemory.Entry(detail: $0.detail, reportedAt: $0.at) })
        let before = memory
        let news = memory.news(
            report.problems, suspended: report.suspended, isPartial: isPartial,
            at: report.finishedAt)
        if memory != before {
            try await store.setReportedProblems(
                memory.entries.mapValues { ($0.detail, $0.reportedAt) })
        }
        return news
    }

    /// A pass over nothing is silent, so it says why the table looks empty to it.
    func strangers(in store: TokenStore) async -> String? {
        guard let others = try? await store.otherProviders(), !others.isEmpty else { return nil }
        return OtherProviders(ours: store.settings.provider, others: others).sentence
    }

    static func warning(aboutSkew skew: Duration) -> String {
        let seconds = Int(skew.seconds.rounded())
        let words = RelativeTime.words(seconds: Double(abs(seconds)))
        return
            "this machine's clock is \(words) \(seconds > 0 ? "behind" : "ahead of") the server's: check its time synchronisation"
    }
}

extension PassReport {
    /// Why nothing more was refreshed for anybody, where the database or the application is to blame.
    fileprivate var reason: String? {
        problems.first { $0.cause == .database || $0.cause == .verdict(.configuration) }?.refusal
            .message
    }
}
