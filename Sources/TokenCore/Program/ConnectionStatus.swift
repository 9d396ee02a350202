/// The status of one connection as the application's endpoints have always told it, and more: one value
/// behind the document and the exit status.

internal import FoundationEssentials

struct ConnectionStatus: Sendable {
    enum Kind: String, Sendable {
        /// The access token has not expired.
        case connected
        case expired
        /// There is no row.
        case disconnected
        case error
    }

    let kind: Kind
    let userID: UserID
    let provider: String
    let storedExpiry: SQLiteValue
    var needsReauthentication = false
    /// What somebody has to know or do.
    var problem: Problem?
    /// What Graph said; nil when it was not asked.
    var probe: ProbeResult?
    /// Why the row could not be asked about at all.
    var failure: RunFailure?
}

extension ConnectionStatus {
    /// - Parameter latest: What a refresh just now has said about it, which is newer than what stands.
    init(_ connection: InspectedConnection, margin: Duration, latest: Problem? = nil, at now: Date)
    {
        let state = connection.state(margin: margin, at: now)
        let standing = connection.standingProblem(state)
        userID = connection.userID ?? .text("(row \(connection.rowID))")
        provider = connection.provider
        storedExpiry = connection.storedExpiry
        kind =
            if connection.expiresAt == nil || connection.userID == nil {
                .error
            } else if connection.isLive(at: now) {
                .connected
            } else {
                .expired
            }
        needsReauthentication = state == .reauthRequired || state == .noRefreshToken
        problem = latest ?? standing
        if latest == nil, kind == .connected, !state.needsPerson, state == .fresh { problem = nil }
    }

    /// For a user without a row.
    init(unknown user: String, provider: String) {
        kind = .disconnected
        userID = UserID.candidates(for: user)[0]
        self.provider = provider
        storedExpiry = .null
        needsReauthentication = true
        problem = Problem(
            userID: userID, provider: provider, cause: .verdict(.reauthRequired), who: .user,
            refusal: Refusal(message: "there is no connection of this user"),
            remedy: "let user \(user.sanitized(limit: 64)) sign in to the application")
    }

    /// For a user whose row could not be read.
    init(_ failure: RunFailure, user: String, provider: String) {
        kind = .error
        userID = UserID.candidates(for: user)[0]
        self.provider = provider
        storedExpiry = .null
        self.failure = failure
    }
}

extension ConnectionStatus {
    /// A person has to act, now or when the access token ends.
    var needsPerson: Bool {
        if kind == .disconnected { return true }
        guard case .verdict(let verdict) = problem?.cause else { return needsReauthentication }
        return needsReauthentication || verdict == .consentRequired
    }

    var exitStatus: ExitStatus {
        if let failure { return failure.status }
        if kind == .disconnected { return .usage }
        if needsPerson { return .reauth }
        if problem?.cause == .verdict(.configuration), kind == .expired { return .config }
        if kind != .connected { return .transient }
        return switch probe {
        case nil, .ok, .forbidden, .notFound: .ok
        case .unauthorized, .throttled, .error: .transient
        }
    }

    /// - Parameter testsAPI: Whether the caller asked for `api_accessible`.
    func json(testsAPI: Bool, remedies: Remedies) -> JSON {
        var members: [(String, JSON)] = [("status", .string(kind.rawValue))]
        if kind == .connected || kind == .expired {
            members.append(("expires_at", storedExpiry.json))
        }
        if kind == .error { members.append(("message", .text(reason))) }
        if testsAPI { members.append(("api_accessible", .bool(probe == .ok))) }
        members += [
            ("user_id", .user(userID)), ("provider", .string(provider)),
            ("needs_reauthentication", .bool(needsReauthentication)),
            ("who", .text(failure == nil ? who?.rawValue : Responsible.operator.rawValue)),
            ("reason", .text(reason)), ("remedy", .text(remedy(remedies))),
        ]
        return .members(members)
    }

    /// Why it is not all well, in one sentence.
    var reason: String? {
        failure?.summary ?? problem?.refusal.message ?? probe?.complaint
            ?? (kind == .expired ? "the access token has expired" : nil)
    }

    private var who: Responsible? { problem?.who ?? probe?.responsible }

    func remedy(_ remedies: Remedies) -> String? {
        if let failure { return failure.hint }
        if let problem { return remedies.remedy(for: problem) }
        if kind == .expired {
            return
                "the next pass refreshes it; `teams-token refresh \(userID.description.shellQuoted)` does so now"
        }
        guard let cause = probe?.cause else { return nil }
        return remedies.remedy(
            for: Problem(
                userID: userID, provider: provider, cause: cause, who: probe?.responsible ?? .user,
                refusal: Refusal(message: "")))
    }
}

extension ProbeResult {
    fileprivate var cause: Problem.Cause? {
        switch self {
        case .ok: nil
        case .unauthorized: .apiUnauthorized
        case .forbidden, .notFound: .apiForbidden
        case .throttled, .error: .apiError
        }
    }

    fileprivate var responsible: Responsible? {
        switch self {
        case .ok: nil
        case .unauthorized: .user
        case .forbidden, .notFound: .tenantAdmin
        case .throttled, .error: .microsoft
        }
    }

    fileprivate var complaint: String? {
        switch self {
        case .ok: nil
        case .unauthorized: "Graph does not accept the access token"
        case .forbidden:
            "Graph accepts the token and refuses the read: a scope, licence or privilege is missing"
        case .notFound: "Graph accepts the token and finds no such user"
        case .throttled: "Graph asked to wait: the token was not tested"
        case .error(let message): message
        }
    }
}
