/// Whoever watches a pass while it runs: the log, `--verbose`, the progress line.

internal import FoundationEssentials

struct PassWatcher: Sendable {
    let console: Console
    let log: PassLog?
    let isVerbose: Bool
    let showsTimings: Bool
    /// With `--json`, stdout belongs to the document.
    let linesGoToError: Bool

    func note(_ event: PassEvent) {
        log?.note(event)
        switch event {
        case .progress(let settled, let inFlight):
            console.showProgress("\(settled) settled, \(inFlight) in flight")
        case .testing(let tested):
            console.showProgress("\(tested) tested by Graph")
        case .settled(let id, let outcome, let refusal, _) where isVerbose:
            let reason = refusal.map { ": \($0.message.sanitized())" } ?? ""
            line("user \(id.userID.description.sanitized(limit: 64)): \(outcome)\(reason)")
        case .probed(let id, let outcome) where isVerbose:
            line("user \(id.userID.description.sanitized(limit: 64)): Graph: \(outcome)")
        case .attempted(let id, let outcome, let status, let correlationID, let took)
        where showsTimings:
            line(
                "user \(id.userID.description.sanitized(limit: 64)): \(outcome.sanitized(limit: 64)), "
                    + "HTTP \(status.map(String.init) ?? "none"), \(took.milliseconds) ms, \(correlationID)"
            )
        default: break
        }
    }

    private func line(_ text: String) {
        if linesGoToError { console.error(text, .notice) } else { console.out(text) }
    }
}
