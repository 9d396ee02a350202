/// TLS sessions that the connections of one thread share (libcurl-share(3)). Without it each easy handle keeps
/// its own, and each of hundreds of HTTP/1.1 connections begins with a whole handshake: resumed, one costs
/// two thirds of that here and spares the server a signature. Of hundreds that begin at once the first ones get
/// none: OpenSSL takes a TLS 1.3 session for used up when one handshake with it has ended.

internal import CCurl

final class SessionCache {
    private let curl: CurlLibrary
    private let share: UnsafeMutableRawPointer

    /// - Throws: ``TransportError`` of kind `local` when libcurl has no memory left.
    init(_ curl: CurlLibrary) throws(TransportError) {
        guard let share = curl.share_init() else {
            throw TransportError(kind: .local, message: "libcurl has no memory left")
        }
        self.curl = curl
        self.share = share
        // No locks: one thread uses it. A libcurl that refuses makes a whole handshake for each connection.
        _ = ccurl_share_long(
            curl, share, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue))
    }

    deinit { _ = curl.share_cleanup(share) }

    /// Lets a handle use these sessions; the cache must outlive it (CURLOPT_SHARE(3)).
    func apply(to handle: EasyHandle) throws(TransportError) {
        try handle.set(CURLOPT_SHARE, share)
    }
}
