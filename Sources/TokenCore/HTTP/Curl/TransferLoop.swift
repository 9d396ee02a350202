/// The thread that owns libcurl's multi handle. All that libcurl touches is local to `run`; others
/// reach it through an inbox and an eventfd that the poll watches beside the sockets.

internal import CCurl
internal import Glibc
internal import Synchronization

final class TransferLoop: Sendable {
    private struct Order: Sendable {
        let request: HTTPRequest
        let continuation: TransferContinuation
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
    func submit(_ request: HTTPRequest, _ continuation: TransferContinuation) {
        guard arrivals.isOpen else {
            let error = TransportError(
                kind: .local, message: "no file descriptor is left (ulimit -n)")
            return continuation.resume(returning: .failure(error))
        }
        let (isFirst, wasEmpty) = inbox.withLock { inbox in
            inbox.orders.append(Order(request: request, continuation: continuation))
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
        case .success(let curl): transfer(with: curl)
        case .failure(let error): refuse(error)
        }
    }

    private func refuse(_ error: TransportError) {
        while true {
            let (orders, isClosed) = takeMail()
            for order in orders { order.continuation.resume(returning: .failure(error)) }
            guard orders.isEmpty else { continue }
            if isClosed { return }
            arrivals.wait()
        }
    }

    private func transfer(with curl: CurlLibrary) {
        guard let multi = curl.multi_init() else {
            return refuse(
                TransportError(kind: .local, message: "libcurl has no memory for its transfers"))
        }
        defer { _ = curl.multi_cleanup(multi) }
        _ = ccurl_multi_set_long(curl, multi, CURLMOPT_MAXCONNECTS, settings.concurrency + 8)
        limitConnections(curl, multi, areMultiplexed: false)

        var running: [UnsafeMutableRawPointer: EasyHandle] = [:]
        var idle: [EasyHandle] = []
        var troubleSince: ContinuousClock.Instant?
        while true {
            let (orders, isClosed) = takeMail()
            if isClosed, orders.isEmpty, running.isEmpty { return }
            for order in orders {
                start(order, with: curl, on: multi, running: &running, idle: &idle)
            }
            var active: Int32 = 0
            let performed = curl.multi_perform(multi, &active)
            drain(curl, multi, running: &running, idle: &idle)
            if performed == CURLM_OK, waitForWork(curl, multi) == CURLM_OK {
                troubleSince = nil
                continue
            }
            // An answer that is on its way holds a token: so go on without poll(2), at our own pace,
            // for as long as a transfer may take.
            let since = troubleSince ?? .now
            troubleSince = since
            if .now - since > settings.requestTimeout {
                for (handle, easy) in running {
                    _ = curl.multi_remove_handle(multi, handle)
                    easy.finish(CURLE_FAILED_INIT)
                }
                running = [:]
            }
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

    private func start(
        _ order: Order, with curl: CurlLibrary, on multi: UnsafeMutableRawPointer,
        running: inout [UnsafeMutableRawPointer: EasyHandle], idle: inout [EasyHandle]
    ) {
        let easy: EasyHandle
        do throws(TransportError) {
            if let used = idle.popLast() {
                easy = used
            } else {
                easy = try EasyHandle(curl, settings: settings)
            }
            try easy.prepare(order.request, continuation: order.continuation)
        } catch {
            order.continuation.resume(returning: .failure(error))
            return
        }
        running[easy.handle] = easy
        let code = curl.multi_add_handle(multi, easy.handle)
        if code != CURLM_OK {
            running[easy.handle] = nil
            easy.finish(CURLE_FAILED_INIT)
        }
    }

    /// Takes every finished transfer out. The message dies with `remove_handle`, so its result is
    /// copied first.
    private func drain(
        _ curl: CurlLibrary, _ multi: UnsafeMutableRawPointer,
        running: inout [UnsafeMutableRawPointer: EasyHandle],
        idle: inout [EasyHandle]
    ) {
        var left: Int32 = 0
        while let message = curl.multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle
            else { continue }
            let result = ccurl_message_result(message)
            _ = curl.multi_remove_handle(multi, handle)
            guard let easy = running.removeValue(forKey: handle) else { continue }
            if result == CURLE_OK {
                limitConnections(curl, multi, areMultiplexed: easy.isMultiplexed)
            }
            easy.finish(result)
            idle.append(easy)
        }
    }

    /// How many connections a host may have. Where each carries a hundred requests (RFC 9113 §6.5.2), a few
    /// are enough, and libcurl would open hundreds: more for those that come while one is being made.
    private func limitConnections(
        _ curl: CurlLibrary, _ multi: UnsafeMutableRawPointer, areMultiplexed: Bool
    ) {
        let limit = settings.concurrency
        _ = ccurl_multi_set_long(
            curl, multi, CURLMOPT_MAX_HOST_CONNECTIONS,
            areMultiplexed ? min(limit, 4 + limit / 100) : limit)
    }

    /// Sleeps until a socket, a timer of libcurl's or the inbox has something.
    private func waitForWork(
        _ curl: CurlLibrary, _ multi: UnsafeMutableRawPointer
    ) -> CURLMcode {
        var mail = curl_waitfd(fd: arrivals.number, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        let code = curl.multi_poll(multi, &mail, 1, 60_000, nil)
        if mail.revents != 0 { arrivals.wait() }
        return code
    }
}
