import FoundationEssentials
import NIOCore
import Synchronization

/// Everything about a sandbox that changes, behind one lock held for a few instructions at a time:
/// the event loops' threads and the caller's tasks meet here and nowhere else.
final class Ledger: Sendable {
    private struct Contents {
        var faults = FaultPlan()
        var deviceLogin: DeviceLogin
        /// Generation of the newest refresh token of each user who has been here.
        var generations: [String: Int] = [:]
        var deviceCodes: [String: DeviceCode] = [:]
        var log: RequestLog
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        /// The first request, by its place in the record, whose answer is held.
        var heldFrom: Int?
        /// Open connections; `nil` once the sandbox has stopped.
        var connections: [ObjectIdentifier: any Channel]? = [:]
    }

    private struct Waiter {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private let contents: Mutex<Contents>

    init(_ configuration: SandboxConfiguration) {
        contents = Mutex(
            Contents(
                deviceLogin: configuration.deviceLogin,
                log: RequestLog(limit: configuration.recordedRequestLimit)))
    }

    // MARK: Faults

    func apply(_ script: SandboxScript) {
        contents.withLock { contents in
            for (user, faults) in script.faults { contents.faults.replace(for: user, with: faults) }
            if let login = script.deviceLogin { contents.deviceLogin = login }
        }
    }

    func clearFaults() { contents.withLock { $0.faults = FaultPlan() } }

    var script: SandboxScript {
        contents.withLock { SandboxScript(faults: $0.faults.faults, deviceLogin: $0.deviceLogin) }
    }

    func disturb(_ endpoint: Fault.Endpoint, user: String?) -> Disturbance {
        contents.withLock { $0.faults.disturb(endpoint, user: user) }
    }

    // MARK: Tokens

    /// Generation of the newest refresh token handed out; 0 when the user was never here.
    func generation(of user: String) -> Int { contents.withLock { $0.generations[user] ?? 0 } }

    /// Redeems a refresh token: the first one seen of a user is good whatever its generation, so
    /// that a database outlives the sandbox that filled it.
    ///
    /// - Returns: The generation of the refresh token to hand out; `nil` for none.
    func redeem(
        _ token: RefreshTokenForm, rotation: SandboxConfiguration.Rotation
    ) throws(OAuthFailure) -> Int? {
        let verdict: Result<Int?, OAuthFailure> = contents.withLock { contents in
            let newest = contents.generations[token.user] ?? token.generation
            if token.generation > newest { return .failure(.unknownGrant) }
            if rotation == .strict && token.generation < newest { return .failure(.revoked) }
            let next = rotation == .none ? nil : newest + 1
            contents.generations[token.user] = next ?? newest
            return .success(next)
        }
        return try verdict.get()
    }

    /// Starts a token family anew, as a sign-in does.
    func signIn(_ user: String) -> Int {
        contents.withLock { contents in
            let next = (contents.generations[user] ?? -1) + 1
            contents.generations[user] = next
            return next
        }
    }

    // MARK: Device codes

    func issueDeviceCode(scope: String, at now: Date) -> DeviceCode {
        contents.withLock { contents in
            let code = DeviceCode(login: contents.deviceLogin, scope: scope, issuedAt: now)
            contents.deviceCodes[code.code] = code
            return code
        }
    }

    /// The user of a device code whatever its state; `nil` for an unknown one.
    func deviceUser(of code: String) -> String? {
        contents.withLock { $0.deviceCodes[code]?.login.user }
    }

    /// - Returns: The code, which the user has approved and which is used up by this.
    func poll(_ code: String, at now: Date) throws(OAuthFailure) -> DeviceCode {
        let verdict: Result<DeviceCode, OAuthFailure> = contents.withLock { contents in
            guard var entry = contents.deviceCodes[code] else { return .failure(.badDeviceCode) }
            do throws(OAuthFailure) {
                try entry.poll(at: now)
                contents.deviceCodes[code] = nil
                return .success(entry)
            } catch {
                contents.deviceCodes[code] = entry
                return .failure(error)
            }
        }
        return try verdict.get()
    }

    // MARK: Requests

    /// Whether the answer to a request waits.
    func isHolding(_ number: Int) -> Bool {
        contents.withLock { contents in
            contents.heldFrom.map { contents.log.sequence(of: number) >= $0 } ?? false
        }
    }

    func hold(from sequence: Int?) { contents.withLock { $0.heldFrom = sequence } }

    var requests: [RecordedRequest] { contents.withLock { $0.log.requests } }
    var counts: RequestCounts { contents.withLock { $0.log.counts } }
    var inFlight: Int { contents.withLock { $0.log.inFlight } }
    var peakInFlight: Int { contents.withLock { $0.log.peakInFlight } }

    func begin(_ request: RecordedRequest) -> Int {
        let (number, woken) = contents.withLock { contents in
            let number = contents.log.begin(request)
            guard !contents.waiters.isEmpty else { return (number, [Waiter]()) }
            let received = contents.log.counts.received
            let woken = contents.waiters.filter { $0.value.count <= received }
            for key in woken.keys { contents.waiters[key] = nil }
            return (number, Array(woken.values))
        }
        for waiter in woken { waiter.continuation.resume() }
        return number
    }

    func finish(_ number: Int, status: Int) {
        contents.withLock { $0.log.finish(number, status: status) }
    }

    func sent(_ number: Int) { contents.withLock { $0.log.sent(number) } }

    func resetRequests() { contents.withLock { $0.log.reset() } }

    /// Returns once so many requests have arrived, the task is cancelled or the sandbox stopped.
    func wait(forRequests count: Int) async {
        let key = contents.withLock { contents in
            contents.nextWaiter += 1
            return contents.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = contents.withLock { contents in
                    let isOver =
                        contents.log.counts.received >= count || contents.connections == nil
                        || Task.isCancelled
                    if !isOver {
                        contents.waiters[key] = Waiter(count: count, continuation: continuation)
                    }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            contents.withLock { $0.waiters.removeValue(forKey: key) }?.continuation.resume()
        }
    }

    // MARK: Connections

    /// - Returns: False when the sandbox has stopped and the connection is to be closed.
    func opened(_ channel: any Channel) -> Bool {
        contents.withLock { contents in
            guard contents.connections != nil else { return false }
            contents.connections?[ObjectIdentifier(channel)] = channel
            contents.log.connected()
            return true
        }
    }

    func closed(_ channel: any Channel) {
        _ = contents.withLock { $0.connections?.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Refuses connections from now on.
    /// - Returns: Those that are open.
    func stop() -> [any Channel] {
        let (channels, waiters) = contents.withLock { contents in
            defer { (contents.connections, contents.waiters) = (nil, [:]) }
            return (
                contents.connections.map { Array($0.values) } ?? [], Array(contents.waiters.values)
            )
        }
        for waiter in waiters { waiter.continuation.resume() }
        return channels
    }
}
