/// Turns what was decided about each connection into counts and problems. Pure.

internal import FoundationEssentials

struct PassTally {
    private(set) var counts = PassCounts()
    private(set) var problems: [Problem] = []
    private(set) var changes: [StateChange] = []
    /// Attempts that were made, by what they came to.
    private(set) var refreshes: [Verdict: Int] = [:]
    /// Users refused by an incident, of whom nothing is said one by one.
    private(set) var suspended: [UserID] = []

    mutating func count(_ settlement: Settlement, at now: Date) {
        let connection = settlement.connection
        if let result = settlement.outcome.attempted { refreshes[result, default: 0] += 1 }
        if let change = StateChange(settlement, at: now) { changes.append(change) }
        switch settlement.outcome {
        case .refreshed: counts.refreshed += 1
        case .raced: counts.raced += 1
        case .failed(let verdict, let error):
            // An attempt that says nothing about the token leaves a standing verdict where it was.
            if let failure = connection.failure, failure.needsPerson, !verdict.needsPerson {
                return standing(connection, failure)
            }
            count(verdict)
            problems.append(Problem(connection, verdict, error, at: now))
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
        problems.append(Problem(connection, failure))
    }

    /// Due, and never tried: connections against which nothing is recorded.
    mutating func unreached(_ count: Int, as outcome: Settlement.Outcome) {
        if case .notAttempted = outcome {
            counts.notAttempted += count
        } else {
            counts.deferred += count
        }
    }

    /// Due, while the token endpoint has asked everybody to wait.
    mutating func paused() { counts.backingOff += 1 }

    mutating func malformed(_ id: ConnectionID) {
        counts.malformed += 1
        problems.append(
            Problem(
                userID: id.userID, provider: id.provider, cause: .verdict(.malformed),
                who: .operator,
                refusal: .unreadableRow))
    }

    /// Refused together with many others: nobody's verdict until a later pass sees the same.
    mutating func suspended(_ id: ConnectionID) {
        suspended.append(id.userID)
        counts.transient += 1
        refreshes[.transient, default: 0] += 1
    }

    mutating func add(_ problem: Problem) { problems.append(problem) }

    mutating func add(_ change: StateChange) { changes.append(change) }

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
}

extension Settlement.Outcome {
    /// What an attempt came to; nil when there was none.
    fileprivate var attempted: Verdict? {
        switch self {
        case .refreshed: .refreshed
        case .raced: .raced
        case .failed(let verdict, _): verdict
        case .configuration: .configuration
        case .unstored: .transient
        case .deferred, .notAttempted: nil
        }
    }
}

extension StateChange {
    /// - Returns: Nil when nobody has to know: the connection stands where it stood.
    init?(_ settlement: Settlement, at now: Date) {
        let connection = settlement.connection
        switch settlement.outcome {
        case .failed(let verdict, let error) where verdict.needsPerson:
            guard connection.failure?.verdict != verdict else { return nil }
            self.init(.began, Problem(connection, verdict, error, at: now))
        case .refreshed:
            guard let earlier = connection.failure ?? connection.mendedFailure,
                earlier.needsPerson
            else { return nil }
            self.init(.ended, Problem(connection, earlier))
        case .failed:
            // The failure that is recorded now takes the place of the mended one: later is too late.
            guard let mended = connection.mendedFailure, mended.needsPerson else { return nil }
            self.init(.ended, Problem(connection, mended))
        case .raced, .configuration, .unstored, .deferred, .notAttempted: return nil
        }
    }
}

extension Problem {
    init(_ connection: Connection, _ failure: StandingFailure) {
        self.init(
            userID: connection.id.userID, provider: connection.id.provider,
            cause: .verdict(failure.verdict), who: failure.responsible,
            refusal: failure.refusal, since: failure.since, expiresAt: connection.expiresAt)
    }

    fileprivate init(
        _ connection: Connection, _ verdict: Verdict, _ error: TokenEndpointError, at now: Date
    ) {
        self.init(
            userID: connection.id.userID, provider: connection.id.provider,
            cause: .verdict(verdict), who: error.responsible(as: verdict),
            refusal: error.refusal,
            since: connection.failure?.verdict == verdict ? connection.failure?.since : now,
            expiresAt: connection.expiresAt)
    }
}

extension TokenEndpointError {
    /// Who has to act, once it is known what the pass makes of it: a refusal of the application that
    /// holds for one directory is for that directory's admin.
    func responsible(as verdict: Verdict) -> Responsible {
        verdict == .consentRequired && kind == .application ? .tenantAdmin : responsible
    }
}

extension StandingFailure {
    /// Who has to act.
    var responsible: Responsible { refusal.who ?? verdict.usuallyUpTo }
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
