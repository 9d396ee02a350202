/// What leaves a socket, and when.

import Glibc
import TestSupport
import Testing

@testable import TokenCore

struct ConnectionSocketsTests {
    /// Closes both ends at the end of a test.
    private final class Connection {
        let near: Int32
        let far: Int32

        init() throws { (near, far) = try LoopbackSocket.pair() }

        deinit {
            close(near)
            close(far)
        }

        func write(_ text: String) {
            #expect(
                send(near, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count)
        }

        /// What has arrived; waits for the first byte.
        func read() -> String {
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = recv(far, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }

        var hasArrived: Bool {
            var count: Int32 = 0
            return ioctl(far, UInt(FIONREAD), &count) == 0 && count > 0
        }

        var isCorked: Bool {
            var value: Int32 = -1
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(near, Int32(IPPROTO_TCP), TCP_CORK, &value, &size)
            return value == 1
        }
    }

    @Test func `what is written between cork and uncork leaves together`() throws {
        let connection = try Connection()
        let sockets = ConnectionSockets()
        sockets.add(connection.near)
        sockets.cork()
        connection.write("head ")
        #expect(!connection.hasArrived)
        connection.write("body")
        sockets.uncork()
        #expect(!connection.isCorked)
        #expect(connection.read() == "head body")
    }

    @Test func `a socket that was closed meanwhile is not touched again`() throws {
        let (first, second) = (try Connection(), try Connection())
        let sockets = ConnectionSockets()
        sockets.add(first.near)
        sockets.add(second.near)
        sockets.cork()
        #expect(first.isCorked && second.isCorked)
        sockets.remove(first.near)
        sockets.uncork()
        #expect(first.isCorked && !second.isCorked)
        sockets.cork()
        #expect(second.isCorked)
    }
}
