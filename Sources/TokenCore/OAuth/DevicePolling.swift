/// When to ask again whether the user has signed in, and when to give up: a pure decision over the answers
/// of RFC 8628 §3.5 and Microsoft's own ("OAuth 2.0 device authorization grant flow").

struct DevicePolling {
    /// Between two polls; it only ever grows.
    private(set) var interval: Duration
    /// Polls in a row that nobody answered usefully.
    private var silences = 0

    enum Step: Equatable {
        /// - Parameter isTrouble: Whether the last poll failed, instead of finding the user still busy.
        case ask(after: Duration, isTrouble: Bool)
        case stop
    }

    init(interval: Duration) { self.interval = interval }

    mutating func step(after error: TokenEndpointError) -> Step {
        switch error.refusal.error {
        case "authorization_pending":
            silences = 0
            return .ask(after: max(interval, error.retryAfter ?? .zero), isTrouble: false)
        case "slow_down":
            silences = 0
            // For good: RFC 8628 §3.5.
            interval += .seconds(5)
            return .ask(after: max(interval, error.retryAfter ?? .zero), isTrouble: false)
        default: break
        }
        switch error.kind {
        case .throttled where error.isWaitable:
            return .ask(after: max(interval, error.retryAfter ?? .zero), isTrouble: true)
        case .transient where error.isOutage || Self.isKnown(error.refusal):
            silences += 1
            return .ask(after: patience, isTrouble: true)
        case .throttled, .transient, .reauth, .consent, .application, .request: return .stop
        }
    }

    /// Doubled with every silence up to a minute, as RFC 8628 §3.5 asks after a timeout.
    private var patience: Duration {
        min(interval * (1 << min(silences - 1, 4)), max(interval, .seconds(60)))
    }

    /// Microsoft's list ends with "anything else: stop". What is no OAuth error at all says nothing.
    private static func isKnown(_ refusal: Refusal) -> Bool {
        guard let error = refusal.error else { return true }
        return VerdictTable.error(error, codes: refusal.codes) != nil
            || refusal.codes.contains { VerdictTable.code($0) != nil }
    }
}
