/// Why nobody signed in, and what to do next: every answer of a device-code flow has its own words.

extension RunFailure {
    /// - Parameter user: As the command was given it.
    init(_ failure: DeviceSignIn.Failure, user: String) {
        let again = "run \(LoginRequest.again(user))"
        switch failure {
        case .noCode(let error):
            self.init(error, opening: "no code to sign in with: ", again: again)
        case .refused(let error): self.init(error, opening: "", again: again)
        case .expired(let lifetime, let trouble):
            self.init(
                .transient,
                "nobody signed in within \(RelativeTime.words(seconds: lifetime.seconds)): the code has expired",
                details: trouble.map { ["the last time it was asked: \($0)"] } ?? [],
                hint: "\(again), and enter the code in time")
        case .cancelled:
            self.init(.internal, "the sign-in was given up")
        }
    }

    private init(_ error: TokenEndpointError, opening: String, again: String) {
        let (status, hint) = Self.remedy(error, again: again)
        self.init(
            status, opening + error.refusal.message,
            details: error.refusal.correlationID.map { ["correlation id \($0)"] } ?? [], hint: hint)
    }

    private static func remedy(
        _ error: TokenEndpointError, again: String
    ) -> (ExitStatus, String) {
        switch error.refusal.error {
        case "authorization_declined", "access_denied":
            return (.reauth, "\(again) when the user agrees to it")
        case "expired_token": return (.transient, "\(again), and enter the code in time")
        case "bad_verification_code": return (.transient, again)
        default: break
        }
        let codes = error.refusal.codes
        if codes.contains(7_000_218) {
            return (
                .config,
                "set TEAMS_CLIENT_SECRET_FILE, or switch on \"Allow public client flows\": Entra admin center, App registrations, Authentication"
            )
        }
        if codes.contains(700_025) {
            return (
                .config,
                "take TEAMS_CLIENT_SECRET away: this application signs users in without one"
            )
        }
        let lookup =
            codes.last.map { "; see https://login.microsoftonline.com/error?code=\($0)" } ?? ""
        switch error.kind {
        case .application:
            return (.config, "mend the application's registration or its settings\(lookup)")
        case .consent:
            return (
                .reauth,
                "ask an admin of the user's tenant\(lookup). Where device codes are blocked, let the user sign in to the application instead"
            )
        case .reauth: return (.reauth, again)
        case .throttled:
            let pause = error.retryAfter.map { " in \(RelativeTime.words(seconds: $0.seconds))" }
            return (.transient, "\(again)\(pause ?? " later")")
        case .transient:
            return (
                .transient,
                error.responsible == .network
                    ? "check the way to Microsoft (name lookup, proxy, firewall), then \(again)"
                    : again
            )
        case .request: return (.transient, "\(again)\(lookup)")
        }
    }
}
