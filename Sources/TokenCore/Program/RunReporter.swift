/// Who is told what, and where: silence off the terminal when all is well, problems on stderr, the report
/// for a person on stdout, one JSON document when a program asked.

internal import FoundationEssentials

struct RunReporter: Sendable {
    let invocation: PassInvocation
    let console: Console
    let runID: String
    let startedAt: Date
    let startedUptime: Duration
    let clock: PassClock

    /// Whether anybody will read totals over the table, which cost a scan of it.
    func wantsTotals(_ configuration: Configuration) -> Bool {
        invocation.json || invocation.dryRun || invocation.verbosity > 0
            || configuration.logFile != nil || configuration.metricsFile != nil
            || (console.outIsTerminal && !invocation.quiet && configuration.reportPolicy != .error)
    }

    /// Tells of a run that made no pass.
    func fail(_ failure: RunFailure, _ configuration: Configuration? = nil) -> ExitStatus {
        let status = failure.status
        let warnings = failure.warnings ?? configuration?.warnings ?? []
        console.error("\(invocation.program): \(status.name) (\(status.code)): \(failure.summary)")
        if !invocation.quiet {
            failure.lines.forEach { console.error("  \($0)") }
            warnings.forEach {
                console.warnOnce("\(invocation.program): warning: \($0.sanitized())")
            }
        }
        if invocation.json {
            let provider = configuration?.provider ?? "microsoft"
            writeDocument(
                status, nil, failure.problems(provider: provider),
                warnings: warnings,
                configuration?.remedies ?? Remedies())
        }
        return status
    }

    /// Tells of a finished pass.
    /// - Parameter news: What is to be printed of its problems.
    func conclude(
        _ report: PassReport, _ status: ExitStatus, _ news: ReportMemory.News,
        _ configuration: Configuration
    ) -> ExitStatus {
        let remedies = configuration.remedies
        let text = PassText(
            program: invocation.program, status: status, report: report, remedies: remedies)
        let isChangePolicy = configuration.reportPolicy == .change
        let isRepetition =
            isChangePolicy && status.signal == nil && news.problems.isEmpty && news.ended.isEmpty
            && !report.problems.isEmpty
        if status != .ok, !isRepetition {
            console.error(text.firstLine(of: news.problems))
        }
        let showsReport =
            !invocation.json && !invocation.quiet
            && (report.isDryRun || invocation.verbosity > 0
                || (console.outIsTerminal
                    && (status != .ok || configuration.reportPolicy != .error)))
        if !invocation.quiet {
            if status != .ok, !isRepetition, !(showsReport && console.outIsTerminal) {
                text.problemLines(news.problems).forEach { console.error($0) }
            }
            if isChangePolicy {
                news.ended.forEach { console.error("\(invocation.program): over: \($0)", .notice) }
            }
            if console.errorIsTerminal || invocation.verbosity > 0
                || (status != .ok && !isRepetition)
            {
                report.warnings.forEach {
                    console.error("\(invocation.program): warning: \($0)", .warning)
                }
            }
        }
        if showsReport {
            text.report(report.problems, style: console.style, width: console.wrapColumns)
                .forEach { console.out($0) }
        }
        if invocation.json {
            writeDocument(status, report, report.problems, warnings: report.warnings, remedies)
        }
        return status
    }

    private func writeDocument(
        _ status: ExitStatus, _ report: PassReport?, _ problems: [Problem], warnings: [String],
        _ remedies: Remedies
    ) {
        let document = RunDocument(
            program: invocation.program, runID: runID, status: status, startedAt: startedAt,
            finishedAt: clock.now(), duration: clock.uptime() - startedUptime, report: report,
            problems: problems, warnings: warnings, remedies: remedies)
        console.out(document.json.line)
    }
}
