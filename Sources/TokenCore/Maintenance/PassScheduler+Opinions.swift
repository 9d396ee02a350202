/// Who is to blame for a refusal, and whether a second answer in the same pass agrees with the first:
/// without that nobody is asked to act.

extension PassScheduler {
    /// Re-authentication and consent.
    mutating func needsPerson(
        _ attempt: Attempt, _ error: TokenEndpointError, _ verdict: Verdict
    ) -> [Settlement] {
        answered()
        if error.isFinal {
            return [Settlement(connection: attempt.connection, outcome: .failed(verdict, error))]
        }
        return judged(attempt, error)
    }

    /// Application and request: the application's fault until another connection succeeds. A refused
    /// credential (a secret that expires in the middle of a pass) is never one user's: three in a row
    /// stop the pass even after successes.
    mutating func refused(_ attempt: Attempt, _ error: TokenEndpointError) -> [Settlement] {
        unansweredInARow = 0
        guard successes == 0 || error.isClientWide else {
            return blameConnection(attempt, error)
        }
        undecided.append((attempt, error))
        if undecided.count >= Self.refusalsThatStop {
            stop(.application)
        } else if stopReason == nil {
            move(to: .checking)
        }
        return []
    }

    /// The application works for others, so the refusal is about this connection: a damaged row, or
    /// something for its tenant's admin. A refused credential can only be one that comes or goes.
    mutating func blameConnection(
        _ attempt: Attempt, _ error: TokenEndpointError
    ) -> [Settlement] {
        if error.kind == .request, !attempt.isConfirmation {
            return [Settlement(connection: attempt.connection, outcome: .failed(.rejected, error))]
        }
        answered()
        return judged(attempt, error)
    }

    /// Asks once more about those whom the application was refused for, when all others have had
    /// their turn and it is clear that the application is not to blame.
    mutating func reconsiderUndecided() {
        guard stopReason == nil, !applicationIsRefused else { return }
        let isFirst = { (attempt: Attempt, error: TokenEndpointError) in
            !attempt.isConfirmation && error.kind == .application
        }
        for (attempt, error) in undecided where isFirst(attempt, error) {
            confirm(attempt, error)
        }
        undecided.removeAll(where: isFirst)
    }

    /// Settles a refusal that nothing has explained when the pass ends.
    func settleUndecided(_ attempt: Attempt, _ error: TokenEndpointError) -> Settlement {
        let outcome: Settlement.Outcome =
            if applicationIsRefused {
                .configuration(error)
            } else if let first = attempt.firstOpinion {
                Self.outcome(of: error, after: first)
            } else if error.kind == .request {
                .failed(.rejected, error)
            } else if error.isClientWide {
                .configuration(error)
            } else {
                .failed(.transient, error)
            }
        return Settlement(connection: attempt.connection, outcome: outcome)
    }

    private mutating func judged(
        _ attempt: Attempt, _ error: TokenEndpointError
    ) -> [Settlement] {
        guard let first = attempt.firstOpinion else {
            confirm(attempt, error)
            return []
        }
        return [
            Settlement(
                connection: attempt.connection, outcome: Self.outcome(of: error, after: first))
        ]
    }

    private mutating func confirm(_ attempt: Attempt, _ error: TokenEndpointError) {
        var second = attempt
        second.firstOpinion = error
        second.lastError = error
        confirmations.append(second)
    }

    /// What two answers come to. Two of different classes confirm nothing.
    private static func outcome(
        of error: TokenEndpointError, after first: TokenEndpointError
    ) -> Settlement.Outcome {
        guard error.kind == first.kind, error.isClientWide == first.isClientWide else {
            return .failed(.transient, error)
        }
        return switch error.kind {
        case .application where error.isClientWide: .configuration(error)
        case .application: .failed(.consentRequired, error)
        default: .failed(error.kind.verdict, error)
        }
    }
}

extension TokenEndpointError {
    /// A refusal that one tenant may owe to itself does not blame the application while it is asked
    /// through an alias, and a malformed request may be one corrupt row.
    func blamesApplication(alias: Bool) -> Bool {
        kind == .application && !(isTenantOnly && alias)
    }
}
