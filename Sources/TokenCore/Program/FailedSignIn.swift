/// Why nobody signed in, and what to do next: every answer of a device-code flow has its own words.

// Whoever looks a code up searches for its bare digits.
// swift-format-ignore-file: GroupNumericLiterals

/// A sign-in that failed: whose it was, and where its settings come from.
struct FailedSignIn {
    let user: UserID
    let provider: String
    let remedies: Remedies

    private var again: String { "run \(LoginRequest.again(user.description))" }

    func failure(_ failure: DeviceSignIn.Failure) -> RunFailure {
        switch failure {
        case .noCode(let error): return self.failure(error, opening: "no code to sign in with: ")
        case .refused(let error): return self.failure(error, opening: "")
        case .expired(let lifetime, let trouble):
            let words =
                "nobody signed in within \(RelativeTime.words(seconds: lifetime.seconds)): the code has expired"
            let last = trouble.map { "the last time it was asked: \($0)" }
            var failure = RunFailure(
                .transient, words, details: [last].compactMap(\.self),
                hint: "\(again), and enter the code in time")
            failure.subject = problem(
                .transient, .user,
                Refusal(message: [words, last].compactMap(\.self).joined(separator: "; ")))
            return failure
        case .cancelled: return RunFailure(.internal, "the sign-in was given up")
        }
    }

    private func failure(_ error: TokenEndpointError, opening: String) -> RunFailure {
        let (status, hint) = remedy(error)
        var failure = RunFailure(
            status, opening + error.refusal.message,
            details: error.refusal.correlationID.map { ["correlation id \($0)"] } ?? [], hint: hint)
        var refusal = error.refusal
        refusal.message = failure.summary
        let who = error.isDeclined || error.isLate ? Responsible.user : error.responsible
        let verdict = error.isLate ? .transient : error.kind.verdict
        failure.subject = problem(verdict, who, refusal)
        return failure
    }

    private func problem(_ verdict: Verdict, _ who: Responsible, _ refusal: Refusal) -> Problem {
        Problem(
            userID: user, provider: provider, cause: .verdict(verdict), who: who, refusal: refusal)
    }

    private func remedy(_ error: TokenEndpointError) -> (ExitStatus, String) {
        let refusal = error.refusal
        // A code says more than the error beside it.
        for code in refusal.codes {
            if let known = Self.remedies[code] { return known }
        }
        if refusal.codes.contains(50020) {
            return (
                .reauth,
                "\(again) with an account of this directory, or set TEAMS_TENANT_ID to the account's own\(remedies.lookup(refusal))"
            )
        }
        if error.isDeclined { return (.reauth, "\(again) when the user agrees to it") }
        if error.isLate { return (.transient, "\(again), and enter the code in time") }
        switch error.kind {
        case .application: return (.config, remedies.application(refusal))
        case .consent:
            return (
                .reauth,
                "ask an admin of the user's tenant\(remedies.lookup(refusal)). Where device codes are blocked, let the user sign in to the application instead"
            )
        case .reauth: return (.reauth, again)
        case .throttled:
            let pause = error.retryAfter.map { " in \(RelativeTime.words(seconds: $0.seconds))" }
            return (.transient, "\(again)\(pause ?? " later")")
        case .transient:
            let check = remedies.wayToEndpoint(refusal, who: error.responsible)
            return (.transient, (check.map { "\($0), then " } ?? "") + again)
        case .request: return (.transient, "\(again)\(remedies.lookup(refusal))")
        }
    }

    private static let remedies: [Int: (ExitStatus, String)] = [
        7000218: (
            .config,
            "set TEAMS_CLIENT_SECRET_FILE, or switch on \"Allow public client flows\": Entra admin center, App registrations, Authentication"
        ),
        700025: (
            .config,
            "take TEAMS_CLIENT_SECRET away: this application signs users in without one"
        ),
    ]
}

extension TokenEndpointError {
    /// The user said no; not when a code names somebody else's reason.
    fileprivate var isDeclined: Bool {
        let declining: Set = [65004, 70017]
        return ["authorization_declined", "access_denied"].contains(refusal.error)
            && declining.isSuperset(of: refusal.codes)
    }

    /// The code was not used in time.
    fileprivate var isLate: Bool { refusal.error == "expired_token" }
}
