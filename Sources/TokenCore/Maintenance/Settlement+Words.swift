/// Settlements as names for logs, as records for the next pass, and as problems of the whole pass.

internal import FoundationEssentials

extension AttemptEnding {
    var name: String {
        switch self {
        case .refreshed: "refreshed"
        case .raced: "raced"
        case .refused(let error): error.refusal.error ?? "no answer"
        case .storeFailed: "store failed"
        }
    }
}

extension AttemptEnding {
    /// What a single attempt is counted as.
    var verdict: Verdict {
        switch self {
        case .refreshed: .refreshed
        case .raced: .raced
        case .refused(let error): error.kind.verdict
        case .storeFailed: .transient
        }
    }
}

extension Settlement {
    var error: TokenEndpointError? {
        switch outcome {
        case .failed(_, let error), .configuration(let error): error
        case .refreshed, .raced, .unstored, .deferred, .notAttempted: nil
        }
    }

    /// Whether the server said something about the connection.
    var isAnswer: Bool {
        switch outcome {
        case .refreshed, .raced, .unstored: true
        case .failed(let verdict, _): verdict.needsPerson || verdict == .rejected
        case .configuration, .deferred, .notAttempted: false
        }
    }

    var name: String {
        switch outcome {
        case .refreshed: Verdict.refreshed.rawValue
        case .raced: Verdict.raced.rawValue
        case .failed(let verdict, _): verdict.rawValue
        case .configuration: Verdict.configuration.rawValue
        case .unstored: "unstored"
        case .deferred: "deferred"
        case .notAttempted: "not_attempted"
        }
    }
}

extension StoreError {
    /// Neither the table nor the spool could take the tokens.
    func withoutSpool(_ reason: SystemError, _ id: ConnectionID) -> StoreError {
        StoreError(
            "the new tokens of user \(id.userID.description.sanitized(limit: 64)) could not be kept: "
                + "\(message); \(reason)",
            hint:
                "free space now; the next pass tries the old refresh token, which Microsoft keeps valid",
            kind: kind)
    }

    /// The same with the user whose row it is.
    func naming(_ id: ConnectionID) -> StoreError {
        StoreError(
            "the new tokens of user \(id.userID.description.sanitized(limit: 64)) were refused: \(message)",
            hint: "a CHECK, a trigger or a unique index of the application refuses the row",
            kind: kind)
    }
}

extension TokenEndpointError {
    /// The same in the light of what was seen before.
    func judged(after earlier: StandingFailure?, at now: Date) -> TokenEndpointError {
        guard let patience, let earlier, earlier.verdict == kind.verdict,
            !Set(earlier.refusal.codes).isDisjoint(with: refusal.codes),
            now.timeIntervalSince(earlier.since) >= patience.seconds
        else { return self }
        return applicationRefusal
    }
}

extension StandingFailure {
    /// What is remembered after one more failure.
    init(after earlier: StandingFailure?, verdict: Verdict, error: TokenEndpointError, at now: Date)
    {
        let next: Date? =
            switch verdict {
            case .reauthRequired, .consentRequired:
                error.isFinal ? .distantFuture : now + BackoffPolicy.dailyRetry
            case .rejected: now + BackoffPolicy.dailyRetry
            case .throttled:
                now + (error.retryAfter ?? BackoffPolicy.unspecifiedPause).seconds
            default: nil
            }
        let goesOn = earlier.map { $0.verdict == verdict } ?? false
        var refusal = error.refusal
        refusal.who = error.responsible(as: verdict)
        self.init(
            verdict: verdict, since: goesOn ? earlier?.since ?? now : now,
            count: (earlier?.count ?? 0) + 1, nextAttemptAt: next, refusal: refusal)
    }
}

extension Problem {
    static func pause(until date: Date, provider: String) -> Problem {
        Problem(
            userID: nil, provider: provider, cause: .verdict(.throttled), who: .microsoft,
            refusal: Refusal(
                message:
                    "the token endpoint asked this application not to call before \(date.rfc3339)"))
    }

    static func incident(
        refused: Int, of tried: Int, example: TokenEndpointError?, since: Date, provider: String
    ) -> Problem {
        var refusal = example?.refusal ?? Refusal(message: "")
        refusal.message =
            "\(refused) of \(tried) connections that worked before were refused at once; "
            + "no user is marked until a pass an hour later sees the same"
            + (example.map { ": \($0.refusal.message)" } ?? "")
        return Problem(
            userID: nil, provider: provider, cause: .incident, who: .operator, refusal: refusal,
            since: since)
    }

    static func application(
        _ error: TokenEndpointError, since: Date, provider: String
    ) -> Problem {
        Problem(
            userID: nil, provider: provider, cause: .verdict(.configuration),
            who: .applicationOwner, refusal: error.refusal, since: since)
    }

    /// One that an earlier pass saw, and of which this one sees too little to say that it is over.
    static func incidentStands(example: TokenEndpointError?, provider: String) -> Problem {
        var refusal = example?.refusal ?? Refusal(message: "")
        refusal.message =
            "many connections that worked before were refused at once, and that is not known to be over"
            + (example.map { "; no user is marked meanwhile: \($0.refusal.message)" } ?? "")
        return Problem(
            userID: nil, provider: provider, cause: .incident, who: .operator, refusal: refusal)
    }

    /// What an incident was, once it is over.
    static func incidentOver(since: Date, provider: String) -> Problem {
        Problem(
            userID: nil, provider: provider, cause: .incident, who: .operator,
            refusal: Refusal(message: "many connections were refused at once"), since: since)
    }

    /// What a refusal of the application was, once it is over.
    static func applicationAccepted(since: Date, provider: String) -> Problem {
        Problem(
            userID: nil, provider: provider, cause: .verdict(.configuration),
            who: .applicationOwner, refusal: Refusal(message: "the application was refused"),
            since: since)
    }

    /// The problem of a pass that ended before its work did.
    static func stopped(_ reason: StopReason?, _ counts: PassCounts, provider: String) -> Problem? {
        let (cause, who, message): (Cause, Responsible, String)
        let waiting = counts.deferred.counting("connection waits", "connections wait")
        switch reason {
        case nil, .application, .signal: return nil
        case .budget where counts.deferred == 0, .throttled where counts.deferred == 0,
            .outage where counts.deferred == 0:
            return nil
        case .database(let words, let hint):
            (cause, who) = (.database, .operator)
            message = words + (hint.map { "; \($0)" } ?? "")
        case .budget:
            (cause, who) = (.deferred, .operator)
            message =
                "the time budget ended with \(counts.deferred.counting("connection")) not reached"
        case .throttled:
            (cause, who) = (.verdict(.throttled), .microsoft)
            message =
                "the token endpoint asked for a pause; \(waiting) for a later pass"
        case .outage:
            (cause, who) = (.verdict(.transient), .network)
            message =
                "nobody answered for a minute; \(waiting) for the next pass"
        }
        return Problem(
            userID: nil, provider: provider, cause: cause, who: who,
            refusal: Refusal(message: message))
    }
}
