import NIOCore
import NIOSSL

/// The end of a connection as a pulled plug makes it.
extension Channel {
    /// Closes the socket without TLS's farewell (RFC 8446 §6.1), which a polite close would wait for.
    /// On the channel's event loop only.
    func cut() {
        do {
            try pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
                .close(promise: nil)
        } catch {
            close(promise: nil)
        }
    }
}
