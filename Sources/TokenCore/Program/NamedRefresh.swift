/// Users refreshed by a command that wants something else of them: by the pass's own code, under its lock
/// and by its rules. What it came to is a value, since a token that still works outweighs a failure.

internal import FoundationEssentials

struct NamedRefresh: Sendable {
    let program: AdminProgram
    /// With a client; a token is due within its `refreshBefore`.
    let configuration: Configuration
    let signals: TerminationSignals

    struct Outcome: Sendable {
        var problems: [Problem] = []
        var failure: RunFailure?
        var signal: Int32?

        /// What it said of a connection; what it said of all of them concerns each.
        func problem(of userID: UserID?) -> Problem? {
            problems.first { $0.userID == userID } ?? problems.first { $0.userID == nil }
        }
    }

    /// How long to wait for a pass that is under way.
    static let patience = Duration.seconds(30)

    /// - Parameters:
    ///   - forced: Whether tokens that look fresh are to be replaced as well.
    ///   - isStillNeeded: Asked while another pass holds the lock, and again when that is ours.
    func run(
        _ users: [String], forced: Bool = false,
        whileNeeded isStillNeeded: @escaping @Sendable () async -> Bool = { true }
    ) async -> Outcome {
        var invocation = program.invocation
        invocation.users = users
        invocation.force = forced
        invocation.json = false
        var settings = configuration
        settings.lockWait = max(configuration.lockWait, Self.patience)
        settings.reportPolicy = .always
        settings.metricsFile = nil
        var pass = PassProgram(invocation, signals: signals, clock: program.clock)
        pass.isStillNeeded = isStillNeeded
        do throws(RunFailure) {
            guard let finished = try await pass.pass(settings, wantsTotals: false) else {
                return Outcome()
            }
            let report = finished.report
            var outcome = Outcome(problems: report.problems, signal: finished.status.signal)
            if case .database(let message, let hint) = report.stop {
                outcome.failure = RunFailure(.database, message, hint: hint)
            }
            return outcome
        } catch {
            return Outcome(failure: told(error, after: settings.lockWait))
        }
    }

    /// These commands have no `--lock-wait`, and have waited.
    private func told(_ failure: RunFailure, after wait: Duration) -> RunFailure {
        guard failure.status == .busy else { return failure }
        let wait = DurationText.text(of: wait)
        return RunFailure(
            .busy, "\(failure.summary), still after \(wait)",
            hint: failure.hint == RunFailure.waitingHint
                ? "it ends by itself within its time budget; TEAMS_LOCK_WAIT sets a longer wait"
                : failure.hint)
    }
}
