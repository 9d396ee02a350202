/// What helps against a problem: one sentence, with the command or the setting to use.

public struct Remedies: Sendable {
    /// The base of the authority, for a command that tests the way to it.
    let authority: String
    /// The file that the settings came from, where there is one.
    let configFile: String?

    public init(authority: String = "https://login.microsoftonline.com", configFile: String? = nil)
    {
        self.authority = authority
        self.configFile = configFile
    }

    /// - Parameter isOneOfMany: Whether the sentence stands for several users.
    public func remedy(for problem: Problem, isOneOfMany: Bool = false) -> String {
        if let remedy = problem.remedy { return remedy }
        let user = isOneOfMany ? "ID" : problem.userID?.description.sanitized(limit: 64) ?? "ID"
        let person = isOneOfMany ? "each of them" : "user \(user)"
        let only = isOneOfMany ? nil : problem.userID
        let argument = only?.description.shellQuoted ?? "ID"
        switch problem.cause {
        case .verdict(.reauthRequired):
            return "let \(person) sign in to the application again; the next pass goes on by itself"
        case .verdict(.consentRequired):
            return
                "ask an admin of the user's tenant to grant consent or change the policy\(lookup(problem.refusal)); "
                + "then run `maintain-teams --user \(argument) --force`"
        case .verdict(.configuration):
            return application(problem.refusal)
        case .verdict(.throttled):
            return "nothing to do: later passes obey the pause"
        case .verdict(.transient): return transient(problem)
        case .verdict(.rejected):
            return "the refresh token in the row is probably damaged: let \(person) sign in again"
        case .verdict(.malformed):
            return
                "mend the row: `SELECT user_id, expires_at FROM oauth_tokens WHERE user_id = \(only?.sqlLiteral ?? "ID")`"
        case .verdict(.refreshed), .verdict(.raced): return "nothing to do"
        case .incident:
            return
                "look at the service's health, at new Conditional Access policies, and at our proxy"
        case .deferred:
            return "raise TEAMS_CONCURRENCY or TEAMS_MAX_DURATION in \(settings)"
        case .database:
            return "mend the database; the next run stores what the spool holds"
        case .apiUnauthorized:
            return "run `maintain-teams --user \(argument) --force --test-api`"
        case .apiForbidden:
            return "check the scopes consented to and the user's licence"
        case .run: return "see the message"
        case .apiThrottled:
            return "nothing to do: the refresh tokens are not affected"
        case .apiError:
            return "nothing to do if it passes: the refresh token is not affected"
        }
    }

    private func transient(_ problem: Problem) -> String {
        guard let check = wayToEndpoint(problem.refusal, who: problem.who) else {
            return "nothing to do if it passes: the next pass tries again"
        }
        return problem.who == .network ? "\(check); the next pass tries again" : check
    }

    /// What to check on the way to the token endpoint; nil when that is not to blame.
    func wayToEndpoint(_ refusal: Refusal, who: Responsible) -> String? {
        switch who {
        case .network: "check the network: `curl -sSI \(authority)/`"
        // Somebody answered, so it is a question of the address.
        case .operator where refusal.status != nil:
            "check TEAMS_AUTHORITY_HOST and TEAMS_TENANT_ID in \(settings)"
        case .operator:
            "check TEAMS_AUTHORITY_HOST, TEAMS_CA_FILE and the machine's CA certificates"
        case .user, .tenantAdmin, .applicationOwner, .microsoft: nil
        }
    }

    /// For a refusal of the application itself.
    func application(_ refusal: Refusal) -> String {
        "check TEAMS_CLIENT_ID, the client secret and TEAMS_TENANT_ID in \(settings)\(lookup(refusal))"
    }

    private var settings: String { configFile ?? "the environment" }

    /// Microsoft's own page about a code.
    func lookup(_ refusal: Refusal) -> String {
        refusal.codes.last.map { " (https://login.microsoftonline.com/error?code=\($0))" }
            ?? ""
    }
}
