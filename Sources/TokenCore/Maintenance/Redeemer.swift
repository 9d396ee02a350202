/// One connection, start to finish: redeem, spool, store. What happened comes back as a value. Answer and
/// commit are two steps, so that another request can be sent while the disk is waited for.

internal import FoundationEssentials
internal import Synchronization

struct Redeemer: Sendable {
    let endpoint: TokenEndpoint
    let store: TokenStore
    let spool: Spool
    let clock: PassClock

    /// How an attempt went, and what it showed about the server.
    struct Report: Sendable {
        let ending: AttemptEnding
        let status: Int?
        let clockSkew: Duration?
        let correlationID: String
        let took: Duration
    }

    /// What came back for an attempt. Tokens are in the spool, and not yet in the database.
    struct Answer: Sendable {
        var attempt: Attempt
        fileprivate let redemption: Redemption
        fileprivate let spoolFailure: SpoolFailure
        fileprivate let startedAt: Duration

        var hasTokens: Bool { if case .success = redemption.result { true } else { false } }
    }

    /// One redemption, start to finish.
    /// - Parameter claims: A claims challenge to pass on.
    func attempt(_ attempt: Attempt, claims: String? = nil) async -> Report {
        await conclude(await send(attempt, claims: claims))
    }

    /// Sends one request. The answer is in the spool before anything else can fail.
    func send(_ attempt: Attempt, claims: String? = nil) async -> Answer {
        let startedAt = clock.uptime()
        let connection = attempt.connection
        let spoolFailure = SpoolFailure()
        let redemption = await endpoint.redeem(
            .refreshToken(connection.refreshToken), claims: claims,
            onReceipt: receipt(for: connection, in: attempt.slot, spoolFailure))
        return Answer(
            attempt: attempt, redemption: redemption, spoolFailure: spoolFailure,
            startedAt: startedAt)
    }

    /// Stores what was received: durable in the database before anything else is done for this connection.
    func conclude(_ answer: Answer) async -> Report {
        let (attempt, redemption) = (answer.attempt, answer.redemption)
        let ending: AttemptEnding
        switch redemption.result {
        case .success(let tokens):
            ending = await stored(
                tokens, for: attempt.connection, in: attempt.slot, answer.spoolFailure)
        case .failure(let error):
            // Half an answer may have looked like a whole one.
            if redemption.status.map({ 200..<300 ~= $0 }) ?? true { try? spool.clear(attempt.slot) }
            ending = await refused(
                error.judged(after: attempt.connection.failure, at: clock.now()), attempt.connection
            )
        }
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

    private func stored(
        _ tokens: TokenSet, for connection: Connection, in slot: Int, _ spoolFailure: SpoolFailure
    ) async -> AttemptEnding {
        do throws(StoreError) {
            let result = try await store.save(tokens, for: connection, at: clock.now())
            try? spool.clear(slot)
            return result == .stored ? .refreshed : .raced
        } catch {
            if let reason = spoolFailure.reason {
                return .storeFailed(error.withoutSpool(reason, connection.id))
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
