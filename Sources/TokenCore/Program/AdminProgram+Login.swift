/// `teams-token login`: a user signs in by device code, and the connection is stored.

internal import FoundationEssentials

public struct LoginRequest: Sendable {
    public var user: String
    /// Whether it may be another account than at the last sign-in.
    public var replacesAccount: Bool

    public init(user: String, replacesAccount: Bool) {
        self.user = user
        self.replacesAccount = replacesAccount
    }

    var again: String { Self.again(user) }

    /// The command, for a hint.
    static func again(_ user: String) -> String {
        "`teams-token login \(user.shellQuoted)` again"
    }
}

extension AdminProgram {
    /// What is asked for where no scopes are configured.
    public static let signInScopes = "offline_access openid profile User.Read Team.ReadBasic.All"

    /// - Parameter signals: The first ends the sign-in and leaves nothing behind.
    public func login(_ request: LoginRequest, signals: TerminationSignals) async -> ExitStatus {
        await run(needsClient: true) { configuration throws(RunFailure) in
            let place = try database(configuration)
            let store = try openForWriting(configuration, place)
            let userID = try await prove(request.user, in: store, configuration)
            let scope = Self.scope(configuration.scopes)
            let signedIn = try await signIn(
                request.user, as: userID, scope: scope, store, configuration, signals)
            let account = signedIn.tokens.idToken.flatMap { Account(idToken: $0) }
            guard signedIn.tokens.refreshToken != nil else {
                throw RunFailure(
                    .config,
                    "Microsoft handed out no refresh token: offline_access was not granted",
                    hint:
                        "let the application's registration have the permission offline_access, then run \(request.again)"
                )
            }
            let enrolment = Enrolment(
                signedIn.tokens, userID: userID, provider: configuration.provider, asked: scope)
            let outcome = try await keep(enrolment, account, request, in: store)
            switch outcome {
            case .stored(let row):
                tell(
                    LoginText(
                        row: row, account: account, provider: configuration.provider,
                        expiresAt: signedIn.tokens.expiresAt, skew: signedIn.clockSkew,
                        now: clock.now()))
                return .ok
            case .otherAccount(let last):
                throw RunFailure.otherAccount(last: last, now: account, user: request.user)
            }
        }
    }

    /// Without `offline_access` there is no refresh token, and the connection would last an hour.
    static func scope(_ configured: String?) -> String {
        let scope = configured ?? signInScopes
        let names = scope.split(separator: " ").map { $0.lowercased() }
        return names.contains("offline_access") ? scope : "offline_access \(scope)"
    }

    // MARK: Before

    /// Nobody is sent to a sign-in page for a connection that could not be stored.
    /// - Returns: The identifier of the connection, or of the one to come.
    private func prove(
        _ user: String, in store: TokenStore, _ configuration: Configuration
    ) async throws(RunFailure) -> UserID {
        let now = clock.now()
        let rows = try await storeFailure { try await store.inspect(user: user, at: now) }
        guard rows.count < 2 else {
            throw RunFailure(
                .usage,
                "user \(user.sanitized(limit: 64)) stands twice in the table, as a number and as a text",
                hint: "remove one of the two rows; this command could not tell which is meant")
        }
        let userID = rows.first?.userID ?? UserID.candidates(for: user)[0]
        guard !user.isEmpty, user == user.sanitized(limit: 255) else {
            throw RunFailure(
                .usage, "this is no user_id: it is empty, too long or holds control characters")
        }
        let trial = Enrolment.trial(userID, provider: configuration.provider, at: now)
        let row = try await storeFailure { try await store.rehearse(trial, at: now) }
        guard row.userID?.description == userID.description else {
            throw RunFailure(
                .usage,
                "the table can't hold user \(user.sanitized(limit: 64)): the type of its column user_id makes \(row.userID.map { $0.description.sanitized(limit: 64) } ?? "nothing") of it"
            )
        }
        if let until = try await storeFailure({ try await store.clientPause(at: now) }) {
            var failure = RunFailure(
                .transient, "Microsoft asked this application not to call before \(until.rfc3339)",
                hint: "run \(LoginRequest.again(user)) then")
            failure.subject = .pause(until: until, provider: configuration.provider)
            throw failure
        }
        return userID
    }

    // MARK: After

    private func keep(
        _ enrolment: Enrolment, _ account: Account?, _ request: LoginRequest, in store: TokenStore
    ) async throws(RunFailure) -> SignInOutcome {
        do {
            return try await store.store(
                enrolment, account: account, replacesAccount: request.replacesAccount,
                at: clock.now())
        } catch {
            let error = StoreError.wrapping(error)
            throw RunFailure(
                .database, "the user signed in, and it could not be stored: \(error.message)",
                hint: "\(error.hint ?? "mend it"), then run \(request.again)")
        }
    }
}

extension Enrolment {
    init(_ tokens: TokenSet, userID: UserID, provider: String, asked scope: String) {
        var others: [Column: SQLiteValue] = [
            // RFC 6749 §5.1: no scope in the answer means that all was granted.
            .scope: .text(tokens.scope ?? scope)
        ]
        if let type = tokens.tokenType { others[.tokenType] = .text(type) }
        self.init(
            userID: userID, provider: provider, accessToken: tokens.accessToken,
            refreshToken: tokens.refreshToken, expiresAt: .instant(tokens.expiresAt), others: others
        )
    }

    /// As long as real ones, and never stored.
    fileprivate static func trial(_ userID: UserID, provider: String, at now: Date) -> Enrolment {
        let token = Secret(String(repeating: "x", count: 1200))
        return Enrolment(
            userID: userID, provider: provider, accessToken: token, refreshToken: token,
            expiresAt: .instant(now),
            others: [.scope: .text(AdminProgram.signInScopes), .tokenType: .text("Bearer")])
    }
}
