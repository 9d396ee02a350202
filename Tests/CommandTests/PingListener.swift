/// A watcher on loopback that remembers who pinged it, and misbehaves when asked to.

import Foundation
import Glibc
import Synchronization

final class PingListener: Sendable {
    enum Behaviour: Sendable {
        case answers(Int)
        /// Takes the connection and says nothing.
        case hangs
    }

    let port: UInt16
    private let socket: Int32
    private let behaviour: Behaviour
    private let seen = Mutex<(lines: [String], texts: [String])>(([], []))

    init(_ behaviour: Behaviour = .answers(200)) throws {
        self.behaviour = behaviour
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 16) == 0
                    ? getsockname(socket, $0, &length) : -1
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)/canary-uuid" }

    /// Paths and queries in order of arrival.
    var pings: [String] { seen.withLock { $0.lines } }
    /// Pings without the run's name: `start`, `0`.
    var signals: [String] {
        pings.map { $0.split(separator: "?")[0].split(separator: "/").last.map(String.init) ?? "" }
    }
    /// Everything that was sent.
    var text: String { seen.withLock { $0.texts.joined() } }

    private func serve() {
        var kept: [Int32] = []
        defer { (kept + [socket]).forEach { Glibc.close($0) } }
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { return }
            kept.append(connection)
            note(connection)
        }
    }

    /// One request of each connection: libcurl opens another when this one is closed.
    private func note(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(connection, &buffer, buffer.count, 0)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        seen.withLock { seen in
            seen.texts.append(text)
            seen.lines += text.split(separator: " ").dropFirst().prefix(1).map(String.init)
        }
        guard case .answers(let status) = behaviour else { return }
        let answer =
            "HTTP/1.1 \(status) Whatever\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"
        _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
        shutdown(connection, Int32(SHUT_WR))
    }
}
