/// What follows from the end of an attempt. One function per class of refusal; each says which
/// connections are settled by it.

extension PassScheduler {
    /// Three refusals of the application, or of the requests, with no success between them.
    static let refusalsThatStop = 3

    /// Takes note of an ending.
    /// - Returns: The connections that are settled by it.
    mutating func ended(
        _ attempt: Attempt, _ ending: AttemptEnding, at now: Duration
    ) -> [Settlement] {
        if case .storeFailed = ending { leaveOccupied(attempt) } else { leave(attempt) }
        switch ending {
        case .refreshed: return succeeded(attempt, at: now)
        case .raced:
            answered()
            return [Settlement(connection: attempt.connection, outcome: .raced)]
        case .storeFailed(let error):
            if error.kind == .row { refusedByTable += 1 }
            // As long as the table has taken nobody's tokens, they are spent one by one.
            if error.kind != .row || successes > 0 { answered() }
            // One row's trouble stops nobody else, while there is room for their answers.
            let hasNoRoom = freeSlots.isEmpty && inFlight == 0
            if error.kind != .row || hasNoRoom || tableRefusesAll {
                stop(.database(message: error.message, hint: error.hint))
            }
            return [Settlement(connection: attempt.connection, outcome: .unstored(error))]
        case .refused(let error):
            switch error.kind {
            case .transient: return transient(attempt, error, at: now)
            case .throttled: return throttled(attempt, error, at: now)
            case .reauth: return needsPerson(attempt, error, .reauthRequired)
            case .consent: return needsPerson(attempt, error, .consentRequired)
            case .application, .request: return refused(attempt, error)
            }
        }
    }

    private var tableRefusesAll: Bool {
        successes == 0 && refusedByTable >= (suspectsTable ? 1 : Self.refusalsThatStop)
    }

    /// Settles what is left when nothing more is started.
    mutating func remaining() -> [Settlement] {
        var settled: [Settlement] = []
        for (attempt, error) in undecided {
            settled.append(settleUndecided(attempt, error))
        }
        undecided = []
        // A verdict without its second opinion is none.
        for attempt in confirmations + retries.map(\.attempt) {
            guard let error = attempt.lastError else { continue }
            let outcome: Settlement.Outcome =
                switch error.kind {
                case .application where error.isClientWide: .configuration(error)
                case .throttled: .failed(.throttled, error)
                default: .failed(.transient, error)
                }
            settled.append(Settlement(connection: attempt.connection, outcome: outcome))
        }
        confirmations = []
        retries = []
        settled += ready.map { Settlement(connection: $0, outcome: outcomeOfUnreached) }
        ready = []
        return settled
    }

    /// What connections count as that were never tried.
    var outcomeOfUnreached: Settlement.Outcome {
        stopReason == .application ? .notAttempted : .deferred
    }

    /// Whether the pass ends with nothing but refusals that blame the application. Ask before
    /// ``remaining()``, which settles them.
    var applicationIsRefused: Bool {
        stopReason == .application
            || (successes == 0
                && undecided.contains { $0.error.blamesApplication(alias: authorityIsAlias) })
    }

    private mutating func succeeded(_ attempt: Attempt, at now: Duration) -> [Settlement] {
        successes += 1
        widen(at: now)
        answered()
        if case .stopped(.application) = phase { move(to: .flowing) }
        // The application works, so each refusal was about its own connection, or has passed.
        let refused = undecided
        undecided = []
        return [Settlement(connection: attempt.connection, outcome: .refreshed)]
            + refused.flatMap { blameConnection($0.attempt, $0.error) }
    }

    /// The server said something: no outage, and the first connection has done its part.
    mutating func answered() {
        unansweredInARow = 0
        switch phase {
        case .leading, .outage: move(to: .flowing)
        case .checking where undecided.isEmpty || successes > 0: move(to: .flowing)
        default: break
        }
    }

    private func wasAskedInOutage(_ attempt: Attempt) -> Bool {
        if case .outage(let since, _) = phase { attempt.sentAt > since } else { false }
    }

    /// A connection that breaks takes a hundred requests with it: what was under way then counts once.
    private mutating func isKnownBreak(
        _ attempt: Attempt, _ error: TokenEndpointError, at now: Duration
    ) -> Bool {
        guard error.isBrokenConnection else { return false }
        if let brokenAt, attempt.sentAt < brokenAt { return true }
        brokenAt = now
        return false
    }

    private mutating func transient(
        _ attempt: Attempt, _ error: TokenEndpointError, at now: Duration
    ) -> [Settlement] {
        if phase == .leading { move(to: .flowing) }
        if error.isOutage {
            if !isKnownBreak(attempt, error, at: now) { unansweredInARow += 1 }
        } else {
            answered()
        }
        switch phase {
        case .flowing where unansweredInARow >= BackoffPolicy.outageStreak,
            .checking where unansweredInARow >= BackoffPolicy.outageStreak:
            move(to: .outage(since: now, nextAt: now + BackoffPolicy.outageDelay(random: random())))
        case .outage(let since, _):
            move(
                to: .outage(since: since, nextAt: now + BackoffPolicy.outageDelay(random: random()))
            )
        default: break
        }
        // A dead service is asked by the next connection, not by the same one again. Whoever was under way
        // when it died has its retries still.
        let isPointless = attempt.isConfirmation || wasAskedInOutage(attempt)
        guard attempt.number < BackoffPolicy.tries, !isPointless, stopReason == nil else {
            return [
                Settlement(connection: attempt.connection, outcome: .failed(.transient, error))
            ]
        }
        var again = attempt
        again.number += 1
        again.lastError = error
        schedule(again, at: now + BackoffPolicy.delay(afterTry: attempt.number, random: random()))
        return []
    }

    private mutating func throttled(
        _ attempt: Attempt, _ error: TokenEndpointError, at now: Duration
    ) -> [Settlement] {
        unansweredInARow = 0
        narrow(at: now)
        let settled = [
            Settlement(connection: attempt.connection, outcome: .failed(.throttled, error))
        ]
        // Another directory's limit is none of ours.
        if error.isTenantOnly, authorityIsAlias {
            answered()
            return settled
        }
        let asked = error.retryAfter ?? BackoffPolicy.unspecifiedPause
        let until = now + max(asked, BackoffPolicy.shortestPause)
        let extra = max(.zero, until - max(now, pausedUntil ?? .zero))
        let isWorthWaiting =
            error.isWaitable && throttleSpent + extra <= BackoffPolicy.throttlePatience
            && until < deadline && stopReason == nil
        guard isWorthWaiting else {
            recordPause(until: until)
            stop(.throttled)
            return settled
        }
        throttleSpent += extra
        pause(until: until)
        // One connection that is always told to wait holds up the others no longer than that.
        guard attempt.throttles < BackoffPolicy.throttlesPerConnection else { return settled }
        var again = attempt
        again.throttles += 1
        again.lastError = error
        schedule(again, at: until)
        return []
    }
}
