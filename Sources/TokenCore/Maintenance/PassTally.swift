/// Turns what was decided about each connection into counts and problems. Pure.

internal import FoundationEssentials

struct PassTally {
    private(set) var counts = PassCounts()
    private(set) var problems: [Problem] = []

    mutating func count(_ settlement: Settlement, at now: Date) {
        let connection = settlement.connection
        switch settlement.outcome {
        case .refreshed: counts.refreshed += 1
        case .raced: counts.raced += 1
        case .failed(let verdict, let error):
            // An attempt that says nothing about the token leaves a standing verdict where it was.
            if let failure = connection.failure, failure.needsPerson, verdict != .reauthRequired,
                verdict != .consentRequired
            {
                return standing(connection, failure)
            }
            count(verdict)
            problems.append(problem(connection, verdict, error, at: now))
        case .configuration, .unstored, .deferred, .notAttempted:
            if let failure = connection.failure, failure.needsPerson {
                return standing(connection, failure)
            }
            switch settlement.outcome {
            case .configuration: counts.configuration += 1
            case .unstored: counts.transient += 1
            case .notAttempted: counts.notAttempted += 1
            default: counts.deferred += 1
            }
        }
    }

    /// A connection that failed before and was not tried: it counts where it stands.
    mutating func standing(_ connection: Connection, _ failure: StandingFailure) {
        if failure.needsPerson {
            count(failure.verdict)
        } else if failure.verdict == .rejected {
            counts.rejected += 1
        } else {
            counts.backingOff += 1
        }
        problems.append(
            Problem(
                userID: connection.id.userID, provider: connection.id.provider,
                cause: .verdict(failure.verdict), who: failure.verdict.usuallyUpTo,
                refusal: failure.refusal, since: failure.since, expiresAt: connection.expiresAt))
    }

    /// Due, while the token endpoint has asked everybody to wait.
    mutating func paused() { counts.backingOff += 1 }

    mutating func malformed(_ id: ConnectionID) {
        counts.malformed += 1
        problems.append(
            Problem(
                userID: id.userID, provider: id.provider, cause: .verdict(.malformed),
                who: .operator,
                refusal: Refusal(message: "expires_at or user_id of this row can't be read")))
    }

    /// Refused together with many others: nobody's verdict until a later pass sees the same.
    mutating func suspended() { counts.transient += 1 }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    private mutating func count(_ verdict: Verdict) {
        switch verdict {
        case .refreshed: counts.refreshed += 1
        case .transient: counts.transient += 1
        case .throttled: counts.throttled += 1
        case .reauthRequired: counts.reauthRequired += 1
        case .consentRequired: counts.consentRequired += 1
        case .configuration: counts.configuration += 1
        case .rejected: counts.rejected += 1
        case .raced: counts.raced += 1
        case .malformed: counts.malformed += 1
        }
    }

    private func problem(
        _ connection: Connection, _ verdict: Verdict, _ error: TokenEndpointError, at now: Date
    ) -> Problem {
        let narrowed = verdict == .consentRequired && error.kind == .application
        return Problem(
            userID: connection.id.userID, provider: connection.id.provider,
            cause: .verdict(verdict), who: narrowed ? .tenantAdmin : error.responsible,
            refusal: error.refusal,
            since: connection.failure?.verdict == verdict ? connection.failure?.since : now,
            expiresAt: connection.expiresAt)
    }
}

extension Verdict {
    /// Who has to act, where only the verdict is known.
    var usuallyUpTo: Responsible {
        switch self {
        case .reauthRequired: .user
        case .consentRequired: .tenantAdmin
        case .configuration: .applicationOwner
        case .throttled, .transient, .refreshed, .raced: .microsoft
        case .rejected, .malformed: .operator
        }
    }
}
