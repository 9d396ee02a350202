/// The sockets of one thread's connections, so that what is written to them in one round leaves together
/// (TCP_CORK, tcp(7)). Over HTTP/2 libcurl writes the head and the body of each request by themselves, and with
/// TCP_NODELAY every write is a packet, which wakes the server: two for each of a hundred requests.

internal import CCurl
internal import Glibc

final class ConnectionSockets {
    private var open: [Int32] = []
    private var corked: [Int32] = []

    /// Has libcurl tell of each socket that it opens and closes for this handle; the list must outlive its
    /// connections (CURLOPT_SOCKOPTFUNCTION(3), CURLOPT_CLOSESOCKETFUNCTION(3)).
    func watch(_ handle: EasyHandle) throws(TransportError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try handle.set(CURLOPT_SOCKOPTDATA, context)
        try handle.set(CURLOPT_CLOSESOCKETDATA, context)
        try handle.setSocketCallbacks(
            opened: { context, socket, _ in
                Unmanaged<ConnectionSockets>.fromOpaque(context!).takeUnretainedValue().add(socket)
                return CURL_SOCKOPT_OK
            },
            closed: { context, socket in
                Unmanaged<ConnectionSockets>.fromOpaque(context!).takeUnretainedValue()
                    .remove(socket)
                return close(socket)
            })
    }

    func add(_ socket: Int32) { open.append(socket) }

    /// Forgets a socket that is about to be closed: its number may be another one's soon.
    func remove(_ socket: Int32) {
        open.removeAll { $0 == socket }
        corked.removeAll { $0 == socket }
    }

    /// Keeps what is written from now on back, but for whole packets, until ``uncork()``: at most 200 ms.
    func cork() {
        corked = open
        for socket in corked { setCork(socket, 1) }
    }

    /// Lets it go.
    func uncork() {
        for socket in corked { setCork(socket, 0) }
        corked = []
    }

    private func setCork(_ socket: Int32, _ value: Int32) {
        var value = value
        // A socket that can't be corked sends each write at once, as without.
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
