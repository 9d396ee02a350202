/// A proxy as companies have them: `CONNECT host:port`, then bytes in both directions (RFC 9110 §9.3.6).
/// What it was asked for is kept; what passes through it is not looked at.

internal import Foundation
internal import Glibc
internal import Synchronization

public final class ConnectProxy: Sendable {
    public let port: Int
    private let listener: Int32
    private let received = Mutex<[String]>([])

    /// - Parameter refusal: Answers every request instead of a tunnel.
    public init(refusal: String? = nil) throws {
        let (descriptor, port) = try LoopbackSocket.listen()
        listener = descriptor
        self.port = port
        Foundation.Thread.detachNewThread { [weak self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                Foundation.Thread.detachNewThread { [weak self] in
                    let head = Self.readHead(connection)
                    self?.received.withLock { $0.append(head) }
                    Self.serve(connection, head, refusal)
                    close(connection)
                }
            }
            close(descriptor)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    public var url: String { "http://127.0.0.1:\(port)" }

    /// The heads of the requests, as they came.
    public var heads: [String] { received.withLock { $0 } }

    private static func serve(_ connection: Int32, _ head: String, _ refusal: String?) {
        let target = head.split(separator: " ").dropFirst().first?.split(separator: ":").last
        guard refusal == nil, head.hasPrefix("CONNECT "), let port = target.flatMap({ Int($0) }),
            let upstream = LoopbackSocket.connected(port: port)
        else {
            write(refusal ?? "HTTP/1.1 502 Bad Gateway\r\n\r\n", to: connection)
            return
        }
        write("HTTP/1.1 200 Connection established\r\n\r\n", to: connection)
        Foundation.Thread.detachNewThread {
            pass(from: upstream, to: connection)
            shutdown(connection, Int32(SHUT_RDWR))
        }
        pass(from: connection, to: upstream)
        shutdown(upstream, Int32(SHUT_RDWR))
        close(upstream)
    }

    private static func pass(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
        }
    }

    private static func write(_ text: String, to connection: Int32) {
        _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    private static func readHead(_ connection: Int32) -> String {
        var head = ""
        var byte: UInt8 = 0
        while !head.hasSuffix("\r\n\r\n"), read(connection, &byte, 1) == 1 {
            head.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return head
    }
}
