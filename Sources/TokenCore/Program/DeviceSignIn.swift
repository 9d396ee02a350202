/// A sign-in by device code from the first request to the tokens: shows the code, asks again and again, and
/// ends with what the user decided or when the code expires (RFC 8628).

internal import FoundationEssentials

struct DeviceSignIn: Sendable {
    let endpoint: TokenEndpoint
    let clock: PassClock
    /// Whether a countdown wants to hear of every second.
    let countsDown: Bool
    let observe: @Sendable (Event) -> Void

    enum Event: Equatable, Sendable {
        case code(DeviceAuthorization)
        case waiting(left: Duration)
        /// The last poll failed, and there will be another.
        case trouble(String)
    }

    enum Failure: Error, Equatable, Sendable {
        /// There is not even a code.
        case noCode(TokenEndpointError)
        case refused(TokenEndpointError)
        /// - Parameter trouble: What the last poll failed with, if it failed.
        case expired(after: Duration, trouble: String?)
        /// Somebody no longer waits.
        case cancelled
    }

    struct Success: Equatable, Sendable {
        let tokens: TokenSet
        let clockSkew: Duration?
    }

    /// - Parameter scope: Sent as it is.
    func run(scope: String) async throws(Failure) -> Success {
        let authorization: DeviceAuthorization
        do throws(TokenEndpointError) {
            authorization = try await endpoint.requestDeviceCode(scope: scope).get()
        } catch {
            throw .noCode(error)
        }
        let deadline = clock.uptime() + authorization.lifetime
        try stopIfCancelled()
        observe(.code(authorization))
        var polling = DevicePolling(interval: authorization.interval)
        var wait = authorization.interval
        var trouble: String?
        while true {
            try await waitOut(wait, until: deadline)
            guard clock.uptime() < deadline else {
                throw .expired(after: authorization.lifetime, trouble: trouble)
            }
            let redemption = await endpoint.redeem(.deviceCode(authorization.deviceCode))
            let error: TokenEndpointError
            switch redemption.result {
            case .success(let tokens):
                return Success(tokens: tokens, clockSkew: redemption.clockSkew)
            case .failure(let failure): error = failure
            }
            try stopIfCancelled()
            switch polling.step(after: error) {
            case .stop: throw .refused(error)
            case .ask(let after, let isTrouble):
                // A pause that outlasts the code is not worth waiting for.
                guard error.kind != .throttled || clock.uptime() + after < deadline else {
                    throw .refused(error)
                }
                if isTrouble, trouble != error.refusal.message {
                    observe(.trouble(error.refusal.message))
                }
                trouble = isTrouble ? error.refusal.message : nil
                wait = after
            }
        }
    }

    private func waitOut(_ wait: Duration, until deadline: Duration) async throws(Failure) {
        let end = min(clock.uptime() + wait, deadline)
        repeat {
            let now = clock.uptime()
            observe(.waiting(left: deadline - now))
            let rest = end - now
            guard rest > .zero else { return }
            try? await clock.sleep(countsDown ? min(rest, .seconds(1)) : rest)
            try stopIfCancelled()
        } while clock.uptime() < end
    }

    private func stopIfCancelled() throws(Failure) {
        if Task.isCancelled { throw .cancelled }
    }
}
