/// An access token for a job: the one that the row holds while it lasts, else a refreshed one. Of many who
/// ask at once one refreshes, and the others wait for what it stores.

internal import FoundationEssentials

public struct TokenRequest: Sendable {
    public var user: String
    /// How long the token is to be valid at least, as it was given.
    public var minimumValidity: String

    public static let ordinaryMinimumValidity = "5m"

    public init(user: String, minimumValidity: String = ordinaryMinimumValidity) {
        self.user = user
        self.minimumValidity = minimumValidity
    }
}

struct TokenSupply: Sendable {
    let program: AdminProgram
    let configuration: Configuration
    let user: String
    let minimum: Duration
    let signals: TerminationSignals

    struct Supplied: Sendable {
        let token: HeldToken
        /// Why it lasts less long than was asked for.
        var warning: String?
    }

    /// What was tried so recently is not tried again: the answer would be the same, and a job that wants
    /// more than any token can give would refresh at every call.
    private static let pause: TimeInterval = 60

    init(
        _ program: AdminProgram, _ configuration: Configuration, _ request: TokenRequest,
        _ signals: TerminationSignals
    ) throws(RunFailure) {
        do throws(Complaint) {
            minimum = try SettingChecks.duration(request.minimumValidity, atLeast: .zero)
        } catch {
            throw RunFailure(.usage, "--min-valid: \(error.message)")
        }
        self.program = program
        self.configuration = configuration
        self.signals = signals
        user = request.user
    }

    func supply() async throws(RunFailure) -> Supplied {
        let store = try program.openForReading(configuration)
        let token = try await held(in: store)
        if token.lasts(minimum, from: program.clock.now()) { return Supplied(token: token) }
        let refresh = await refreshed(token, store)
        if let number = refresh.signal ?? signals.received {
            throw RunFailure(.interrupted(number), "stopped by a signal")
        }
        let now = program.clock.now()
        let current = try upToDate(store)
        let latest = try await held(in: current)
        if latest.lasts(minimum, from: now) { return Supplied(token: latest) }
        let failure = try await failure(after: refresh, current, at: now)
        guard latest.lasts(.zero, from: now), let expiresAt = latest.expiresAt else {
            throw failure
        }
        let rest = RelativeTime.words(seconds: expiresAt.timeIntervalSince(now))
        let words = [failure.summary, failure.hint].compactMap { $0 }.joined(separator: "; ")
        return Supplied(token: latest, warning: "valid for \(rest) only: \(words)")
    }

    private func held(in store: TokenStore) async throws(RunFailure) -> HeldToken {
        let token = try await program.storeFailure { try await store.heldToken(of: user) }
        guard let token else { throw try await program.unknownUser(user, in: store) }
        return token
    }

    /// A reader that was opened before the first pass has seen none, and never will.
    private func upToDate(_ store: TokenStore) throws(RunFailure) -> TokenStore {
        store.hasHistory ? store : try program.openForReading(configuration)
    }

    // MARK: Refreshing

    /// The settings of a client are asked for only here: a token that lasts is for everybody who may
    /// read it.
    private func refreshed(_ token: HeldToken, _ store: TokenStore) async -> NamedRefresh.Outcome {
        do throws(RunFailure) {
            if let pause = try await pause(store) { return NamedRefresh.Outcome(problems: [pause]) }
            guard try await mayBeTried(store) else { return NamedRefresh.Outcome() }
            var settings = try program.loadConfiguration(needsClient: true)
            settings.refreshBefore = minimum
            settings.maxDuration = min(settings.maxDuration, NamedRefresh.patience)
            return await NamedRefresh(program: program, configuration: settings, signals: signals)
                .run([user], forced: !token.accessToken.isBearerToken) {
                    await isStillNeeded(store)
                }
        } catch {
            return NamedRefresh.Outcome(failure: error)
        }
    }

    /// Another caller may have refreshed it meanwhile, or found that this can't be done now.
    private func isStillNeeded(_ store: TokenStore) async -> Bool {
        do {
            let token = try await held(in: store)
            if token.lasts(minimum, from: program.clock.now()) { return false }
            return try await mayBeTried(upToDate(store))
        } catch {
            // The refresh itself says best what is wrong.
            return true
        }
    }

    private func mayBeTried(_ store: TokenStore) async throws(RunFailure) -> Bool {
        let now = program.clock.now()
        guard let row = try await inspected(store, at: now) else { return false }
        guard row.userID != nil, row.expiresAt != nil, row.hasRefreshToken else { return false }
        if let failure = row.failure {
            return !failure.isBackingOff(at: now) && !isRecent(row.lastAttemptAt, at: now)
        }
        return !(row.isLive(at: now) && isRecent(row.lastRefreshedAt, at: now))
    }

    private func isRecent(_ date: Date?, at now: Date) -> Bool {
        date.map { (0..<Self.pause).contains(now.timeIntervalSince($0)) } ?? false
    }

    private func pause(_ store: TokenStore) async throws(RunFailure) -> Problem? {
        let now = program.clock.now()
        let until = try await program.storeFailure { try await store.clientPause(at: now) }
        return until.map { .pause(until: $0, provider: configuration.provider) }
    }

    private func inspected(
        _ store: TokenStore, at now: Date
    ) async throws(RunFailure) -> InspectedConnection? {
        try await program.storeFailure { try await store.inspect(user: user, at: now) }.first
    }

    // MARK: Failing

    /// Why there is no token that lasts, in the words and with the status of `teams-token status`.
    private func failure(
        after refresh: NamedRefresh.Outcome, _ store: TokenStore, at now: Date
    ) async throws(RunFailure) -> RunFailure {
        if let failure = refresh.failure { return failure }
        guard let row = try await inspected(store, at: now) else {
            throw try await program.unknownUser(user, in: store)
        }
        let status = ConnectionStatus(
            row, margin: minimum, latest: refresh.problem(of: row.userID), at: now)
        let name = "user \(user.sanitized(limit: 64))"
        guard let reason = status.reason else {
            return RunFailure(
                .transient, "\(name): the token was refreshed less than a minute ago")
        }
        let exit: ExitStatus = status.exitStatus == .ok ? .transient : status.exitStatus
        var failure = RunFailure(
            exit, "\(name): \(reason.sanitized())", hint: status.remedy(configuration.remedies))
        failure.subject = status.problem
        return failure
    }
}
