/// libcurl's multi handle and the transfers on it, all on one thread (libcurl-multi(3)). Handles that have
/// done their work wait for the next request, and so do connections.

internal import CCurl

final class MultiHandle {
    private let curl: CurlLibrary
    private let handle: UnsafeMutableRawPointer
    private let settings: CurlSettings
    private let sessions: SessionCache
    private let sockets = ConnectionSockets()
    private var areMultiplexed = false {
        didSet { if areMultiplexed != oldValue { limitConnections() } }
    }
    /// Whether a request waits to be written.
    private var hasNew = false
    private var running: [UnsafeMutableRawPointer: EasyHandle] = [:]
    private var idle: [EasyHandle] = []

    /// - Throws: ``TransportError`` of kind `local` when libcurl has no memory left.
    init(_ curl: CurlLibrary, settings: CurlSettings) throws(TransportError) {
        sessions = try SessionCache(curl)
        guard let handle = curl.multi_init() else {
            throw TransportError(kind: .local, message: "libcurl has no memory left")
        }
        self.curl = curl
        self.handle = handle
        self.settings = settings
        _ = ccurl_multi_set_long(curl, handle, CURLMOPT_MAXCONNECTS, settings.concurrency + 8)
        limitConnections()
    }

    deinit { _ = curl.multi_cleanup(handle) }

    var isIdle: Bool { running.isEmpty }

    /// Begins a transfer, which ``perform()`` carries on.
    func start(_ request: HTTPRequest, completion: @escaping HTTPCompletion) {
        let easy: EasyHandle
        do throws(TransportError) {
            if let used = idle.popLast() {
                easy = used
            } else {
                easy = try EasyHandle(
                    curl, settings: settings, sessions: sessions, sockets: sockets)
            }
            try easy.prepare(request, completion: completion)
        } catch {
            return completion(.failure(error))
        }
        running[easy.handle] = easy
        hasNew = true
        if curl.multi_add_handle(handle, easy.handle) != CURLM_OK {
            running[easy.handle] = nil
            easy.finish(CURLE_FAILED_INIT)
        }
    }

    /// Reads and writes whatever can be, and tells those whose transfer has ended.
    /// - Returns: Whether libcurl could do it.
    func perform() -> Bool {
        var active: Int32 = 0
        if areMultiplexed, hasNew { sockets.cork() }
        hasNew = false
        let code = curl.multi_perform(handle, &active)
        sockets.uncork()
        finishEnded()
        return code == CURLM_OK
    }

    /// Sleeps until a socket, a timer of libcurl's or a signal has something.
    /// - Returns: Whether libcurl could wait.
    func wait(or signal: WakeUp) -> Bool {
        var mail = curl_waitfd(fd: signal.number, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        let code = curl.multi_poll(handle, &mail, 1, 60_000, nil)
        if mail.revents != 0 { signal.wait() }
        return code == CURLM_OK
    }

    /// Ends all transfers without an answer.
    func abandon() {
        for easy in running.values {
            _ = curl.multi_remove_handle(handle, easy.handle)
            easy.finish(CURLE_FAILED_INIT)
        }
        running = [:]
    }

    /// The message dies with `remove_handle`, so its result is copied first.
    private func finishEnded() {
        var left: Int32 = 0
        while let message = curl.multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let ended = message.pointee.easy_handle
            else { continue }
            let result = ccurl_message_result(message)
            _ = curl.multi_remove_handle(handle, ended)
            guard let easy = running.removeValue(forKey: ended) else { continue }
            if result == CURLE_OK { areMultiplexed = easy.isMultiplexed }
            easy.finish(result)
            idle.append(easy)
        }
    }

    /// How many connections a host may have. Where each carries a hundred requests (RFC 9113 §6.5.2), a few
    /// are enough, and libcurl would open hundreds: more for those that come while one is being made.
    private func limitConnections() {
        let limit = settings.concurrency
        _ = ccurl_multi_set_long(
            curl, handle, CURLMOPT_MAX_HOST_CONNECTIONS,
            areMultiplexed ? min(limit, 4 + limit / 100) : limit)
    }
}
