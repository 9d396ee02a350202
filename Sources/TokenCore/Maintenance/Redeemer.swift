/// One connection, start to finish: redeem, spool, store. What happened comes back as a value. Each step
/// tells of its end by a call, not by a task of its own, for a pass has hundreds under way; and answer and
/// commit are two steps, so that another request can be sent while the disk is waited for.

internal import FoundationEssentials
internal import Synchronization

/// A class: hundreds of completions hold it, by one reference each.
final class Redeemer: Sendable {
    let store: TokenStore
    let spool: Spool
    private let endpoint: TokenEndpoint
    private let clock: PassClock

    init(endpoint: TokenEndpoint, store: TokenStore, spool: Spool, clock: PassClock) {
        self.endpoint = endpoint
        self.store = store
        self.spool = spool
        self.clock = clock
    }

    /// How an attempt went, and what it showed about the server.
    struct Report: Sendable {
        let ending: AttemptEnding
        let status: Int?
        let clockSkew: Duration?
        let correlationID: String
        let took: Duration
    }

    /// What came back for an attempt, not read yet. Tokens are in the spool.
    struct Reply: Sendable {
        fileprivate let attempt: Attempt
        fileprivate let reply: TokenReply
        fileprivate let spoolFailure: SpoolFailure
        fileprivate let startedAt: Duration

        func read() -> Answer {
            Answer(
                attempt: attempt, redemption: reply.read(), spoolFailure: spoolFailure,
                startedAt: startedAt)
        }
    }

    /// The same, read. Tokens are in the spool, and not yet in the database.
    struct Answer: Sendable {
        var attempt: Attempt
        let redemption: Redemption
        fileprivate let spoolFailure: SpoolFailure
        fileprivate let startedAt: Duration
    }

    /// One redemption, start to finish.
    /// - Parameter claims: A claims challenge to pass on.
    func attempt(_ attempt: Attempt, claims: String? = nil) async -> Report {
        let reply = await withCheckedContinuation { continuation in
            send(attempt, claims: claims) { continuation.resume(returning: $0) }
        }
        let answer = reply.read()
        switch answer.redemption.result {
        case .success(let tokens):
            return await withCheckedContinuation { continuation in
                save(tokens, of: answer) { continuation.resume(returning: $0) }
            }
        case .failure(let error): return await conclude(error, answer)
        }
    }

    /// Sends one request. The answer is in the spool before anything else can fail.
    /// - Parameter completion: Called once, as a rule on the transfer's thread.
    func send(
        _ attempt: Attempt, claims: String? = nil,
        completion: @escaping @Sendable (Reply) -> Void
    ) {
        let startedAt = clock.uptime()
        let spoolFailure = SpoolFailure()
        endpoint.start(
            .refreshToken(attempt.connection.refreshToken), claims: claims,
            onReceipt: receipt(for: attempt.connection, in: attempt.slot, spoolFailure)
        ) { reply in
            completion(
                Reply(
                    attempt: attempt, reply: reply, spoolFailure: spoolFailure,
                    startedAt: startedAt))
        }
    }

    /// Stores what was received: durable in the database before anything else is done for this connection.
    /// - Parameter completion: Called once, on the store's thread.
    func save(
        _ tokens: TokenSet, of answer: Answer, completion: @escaping @Sendable (Report) -> Void
    ) {
        store.save(tokens, for: answer.attempt.connection, at: clock.now()) { [self] result in
            completion(report(answer, saved(result, answer)))
        }
    }

    /// What follows from an answer without tokens.
    func conclude(_ error: TokenEndpointError, _ answer: Answer) async -> Report {
        let (attempt, status) = (answer.attempt, answer.redemption.status)
        // Half an answer may have looked like a whole one.
        if status.map({ 200..<300 ~= $0 }) ?? true { try? spool.clear(attempt.slot) }
        let judged = error.judged(after: attempt.connection.failure, at: clock.now())
        return report(answer, await refused(judged, attempt.connection))
    }

    private func report(_ answer: Answer, _ ending: AttemptEnding) -> Report {
        let redemption = answer.redemption
        return Report(
            ending: ending, status: redemption.status, clockSkew: redemption.clockSkew,
            correlationID: redemption.correlationID, took: clock.uptime() - answer.startedAt)
    }

    /// Runs on the transfer's thread the moment the answer is complete.
    private func receipt(
        for connection: Connection, in slot: Int, _ failure: SpoolFailure
    ) -> @Sendable (Int, [UInt8], Date) -> Void {
        let spool = spool
        let sent = Fingerprint.ofToken(connection.refreshToken)
        return { status, body, requestedAt in
            guard 200..<300 ~= status else { return }
            // Room is allocated for ordinary answers; what makes one longer is seldom its tokens.
            let body =
                body.count > Spool.ordinaryBodySize ? TokenResponse.condensed(body) ?? body : body
            let record = Spool.Record(
                connection: connection.id, rowID: connection.rowID, sent: sent,
                requestedAt: requestedAt, body: body)
            // Failing that, the commit that follows is still to come.
            do throws(SystemError) { try spool.put(record, in: slot) } catch {
                failure.note(error)
            }
        }
    }

    /// Why an answer is not in the spool, told by the transfer's thread to the one that stores it.
    fileprivate final class SpoolFailure: Sendable {
        private let error = Mutex<SystemError?>(nil)

        func note(_ error: SystemError) { self.error.withLock { $0 = error } }

        var reason: SystemError? { error.withLock { $0 } }
    }

    private func saved(
        _ result: Result<StoredResult, StoreError>, _ answer: Answer
    ) -> AttemptEnding {
        switch result {
        case .success(let stored):
            try? spool.clear(answer.attempt.slot)
            return stored == .stored ? .refreshed : .raced
        case .failure(let error):
            if let reason = answer.spoolFailure.reason {
                return .storeFailed(error.withoutSpool(reason, answer.attempt.connection.id))
            }
            try? spool.synchronize()
            return .storeFailed(error)
        }
    }

    /// Before a person is blamed: has somebody else stored another refresh token meanwhile?
    private func refused(
        _ error: TokenEndpointError, _ connection: Connection
    ) async -> AttemptEnding {
        guard error.kind == .reauth || error.kind == .consent else { return .refused(error) }
        do throws(StoreError) {
            let current = try await store.currentRefreshToken(of: connection)
            return current == connection.refreshToken ? .refused(error) : .raced
        } catch {
            return .storeFailed(error)
        }
    }
}
