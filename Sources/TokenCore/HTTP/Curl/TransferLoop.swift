/// The thread that owns libcurl's multi handle. All that libcurl touches is local to `run`; others
/// reach it through an inbox and an eventfd that the poll watches beside the sockets.

internal import Glibc
internal import Synchronization

final class TransferLoop: Sendable {
    private struct Order: Sendable {
        let request: HTTPRequest
        let completion: HTTPCompletion
    }

    private struct Inbox: Sendable {
        var orders: [Order] = []
        var isStarted = false
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let arrivals: WakeUp
    private let settings: CurlSettings

    init(settings: CurlSettings) {
        self.settings = settings
        arrivals = WakeUp()
    }

    /// Hands a request to the thread, which the first request starts: a pass that sends nothing never
    /// pays for libcurl's start-up.
    func submit(_ request: HTTPRequest, _ completion: @escaping HTTPCompletion) {
        guard arrivals.isOpen else {
            let error = TransportError(
                kind: .local, message: "no file descriptor is left (ulimit -n)")
            return completion(.failure(error))
        }
        let (isFirst, wasEmpty) = inbox.withLock { inbox in
            inbox.orders.append(Order(request: request, completion: completion))
            defer { inbox.isStarted = true }
            return (!inbox.isStarted, inbox.orders.count == 1)
        }
        if isFirst { Thread.start(named: "transfers") { self.run() } }
        if wasEmpty { arrivals.signal() }
    }

    /// Lets the thread end once the transfers under way have ended.
    func close() {
        inbox.withLock { $0.isClosed = true }
        arrivals.signal()
    }

    private func run() {
        switch CurlLibrary.shared {
        case .success(let curl):
            do throws(TransportError) {
                transfer(on: try MultiHandle(curl, settings: settings))
            } catch {
                refuse(error)
            }
        case .failure(let error): refuse(error)
        }
    }

    private func refuse(_ error: TransportError) {
        while true {
            let (orders, isClosed) = takeMail()
            for order in orders { order.completion(.failure(error)) }
            guard orders.isEmpty else { continue }
            if isClosed { return }
            arrivals.wait()
        }
    }

    private func transfer(on multi: MultiHandle) {
        var troubleSince: ContinuousClock.Instant?
        while true {
            let (orders, isClosed) = takeMail()
            if isClosed, orders.isEmpty, multi.isIdle { return }
            for order in orders { multi.start(order.request, completion: order.completion) }
            if multi.perform(), multi.wait(or: arrivals) {
                troubleSince = nil
                continue
            }
            // An answer that is on its way holds a token: so go on without poll(2), at our own pace,
            // for as long as a transfer may take.
            let since = troubleSince ?? .now
            troubleSince = since
            if .now - since > settings.requestTimeout { multi.abandon() }
            usleep(10_000)
        }
    }

    /// Hundreds at once would keep the answers that are there already, and all who wait for them.
    private static let ordersAtOnce = 128

    private func takeMail() -> ([Order], isClosed: Bool) {
        inbox.withLock { inbox in
            let few = Array(inbox.orders.prefix(Self.ordersAtOnce))
            inbox.orders.removeFirst(few.count)
            if !inbox.orders.isEmpty { arrivals.signal() }
            return (few, inbox.isClosed)
        }
    }
}
