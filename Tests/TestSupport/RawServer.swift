/// A server that sends the bytes it was given, whatever they are: one answer to a connection, which is
/// closed after it. Plain HTTP; what was received is kept.
///
/// An answer can also be none: a reset, a silence, a drip. These last until the client gives up, so that
/// no test depends on a time.

internal import Foundation
internal import Glibc
internal import Synchronization

public final class RawServer: Sendable {
    public let port: Int
    private let listener: Int32
    private let received = Mutex<[Request]>([])

    /// What a connection gets.
    public enum Delivery: Sendable {
        /// All of it, then the end of the connection.
        case bytes([UInt8])
        /// All of it, then nothing until the client goes away.
        case silence(after: [UInt8])
        /// All of it, then one space after the other until the client goes away.
        case drip(after: [UInt8])
        /// TCP's RST.
        case reset(after: [UInt8])

        public static func text(_ text: String) -> Delivery { .bytes(Array(text.utf8)) }
    }

    /// - Parameter answer: What a request gets; `nth` counts those with the same refresh token.
    public init(answering answer: @escaping @Sendable (Request, _ nth: Int) -> Delivery) throws {
        let (descriptor, port) = try LoopbackSocket.listen()
        listener = descriptor
        self.port = port
        Foundation.Thread.detachNewThread { [weak self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                // A client may keep a connection open for as long as it likes.
                Foundation.Thread.detachNewThread { [weak self] in
                    let request = Self.readRequest(connection)
                    let nth = self?.received.withLock { received in
                        received.append(request)
                        return received.count { $0.refreshToken == request.refreshToken }
                    }
                    Self.deliver(answer(request, nth ?? 1), to: connection)
                    close(connection)
                }
            }
            close(descriptor)
        }
    }

    /// - Parameter answers: For the first connection, the second, …; the last one for all others.
    public convenience init(_ answers: [[UInt8]]) throws {
        let count = Counter()
        try self.init { _, _ in .bytes(answers[min(count.next(), answers.count - 1)]) }
    }

    public convenience init(_ answers: String...) throws {
        try self.init(answers.map { Array($0.utf8) })
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    public var url: String { "http://127.0.0.1:\(port)" }

    /// Requests as they came.
    public var requests: [Request] { received.withLock { $0 } }

    /// Reads up to the end of the body that `Content-Length` announces.
    private static func readRequest(_ connection: Int32) -> Request {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
            let request = Request(bytes)
            if let request, request.body.utf8.count >= request.announcedLength { return request }
        }
        return Request(bytes) ?? Request(head: String(decoding: bytes, as: UTF8.self), body: "")
    }

    private static func deliver(_ delivery: Delivery, to connection: Int32) {
        switch delivery {
        case .bytes(let bytes):
            send(bytes, to: connection)
            shutdown(connection, Int32(SHUT_WR))
            // Something unread would turn the end into a reset.
            waitForEnd(connection)
        case .silence(let bytes):
            send(bytes, to: connection)
            waitForEnd(connection)
        case .drip(let bytes):
            send(bytes, to: connection)
            while Glibc.send(connection, " ", 1, Int32(MSG_NOSIGNAL)) == 1 { usleep(20_000) }
        case .reset(let bytes):
            send(bytes, to: connection)
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection, SOL_SOCKET, SO_LINGER, &linger,
                socklen_t(MemoryLayout.size(ofValue: linger)))
        }
    }

    /// Until the client closes.
    private static func waitForEnd(_ connection: Int32) {
        var rest = [UInt8](repeating: 0, count: 4096)
        while read(connection, &rest, rest.count) > 0 {}
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension RawServer {
    public struct Request: Sendable {
        public let head: String
        public let body: String
    }
}

extension RawServer.Request {
    /// A field of the form, as it was sent: with its percent signs.
    public func field(_ name: String) -> String? {
        body.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    public var refreshToken: String? { field("refresh_token") }

    /// The user that the tests' refresh token names, `7` of `7.0`.
    public var user: Int? {
        refreshToken?.split(separator: ".").first.flatMap { Int($0) }
    }
}

extension RawServer.Request {
    /// Nil before the end of the head.
    fileprivate init?(_ bytes: [UInt8]) {
        let text = Data(bytes)
        guard let end = text.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        self.init(
            head: String(decoding: text[..<end.lowerBound], as: UTF8.self),
            body: String(decoding: text[end.upperBound...], as: UTF8.self))
    }

    fileprivate var announcedLength: Int {
        head.lowercased().components(separatedBy: "\r\n")
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
    }
}
