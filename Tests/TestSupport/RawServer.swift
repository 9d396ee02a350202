/// A server that sends the bytes it was given, whatever they are: one answer to a connection, which is
/// closed after it. Plain HTTP; what was received is kept.

internal import Foundation
internal import Glibc
internal import Synchronization

public final class RawServer: Sendable {
    public let port: Int
    private let listener: Int32
    private let received = Mutex<[Request]>([])

    /// - Parameter answers: For the first connection, the second, …; the last one for all others.
    public init(_ answers: [[UInt8]]) throws {
        let (descriptor, port) = try LoopbackSocket.listen()
        listener = descriptor
        self.port = port
        Foundation.Thread.detachNewThread { [weak self] in
            var index = 0
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                let answer = answers[min(index, answers.count - 1)]
                index += 1
                // A client may keep a connection open for as long as it likes.
                Foundation.Thread.detachNewThread { [weak self] in
                    let request = Self.readRequest(connection)
                    self?.received.withLock { $0.append(request) }
                    Self.send(answer, to: connection)
                    shutdown(connection, Int32(SHUT_WR))
                    // Until the client closes: something unread would turn the end into a reset.
                    var rest = [UInt8](repeating: 0, count: 4096)
                    while read(connection, &rest, rest.count) > 0 {}
                    close(connection)
                }
            }
            close(descriptor)
        }
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
