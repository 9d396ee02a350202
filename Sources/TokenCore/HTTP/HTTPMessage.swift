/// A request and its response as values: what the protocols above say, without a word of libcurl.

public struct HTTPRequest: Sendable {
    public enum Method: Sendable {
        case get
        /// An `application/x-www-form-urlencoded` body.
        case post(form: HTTPForm)
    }

    public let method: Method
    public let url: String
    /// Names and values; a value must not hold CR or LF.
    public let headers: [(name: String, value: Secret)]
    /// Called on the transfer's own thread, the moment the last byte of a body has been read: before
    /// anything else can fail. Where no length was announced it may be called again, with more. It must not
    /// block for long.
    public let onReceipt: (@Sendable (_ status: Int, _ body: [UInt8]) -> Void)?

    public init(
        method: Method, url: String, headers: [(name: String, value: Secret)] = [],
        onReceipt: (@Sendable (_ status: Int, _ body: [UInt8]) -> Void)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.onReceipt = onReceipt
    }
}

public struct HTTPResponse: Sendable {
    public let status: Int
    /// At most ``AnswerLimit/bodySize`` bytes.
    public let body: [UInt8]
    /// The headers that this program reads, by lower-case name; repeated ones joined by a comma.
    public let headers: [String: String]

    public init(status: Int, body: [UInt8] = [], headers: [String: String] = [:]) {
        self.status = status
        self.body = body
        self.headers = headers
    }
}

enum HTTPLimits {
    /// The headers that anybody above reads.
    static let headersRead = ["date", "retry-after", "www-authenticate"]
}

/// Fields of a form in the order given, percent-encoded byte by byte: Microsoft's endpoint trims
/// nothing and forgives nothing.
public struct HTTPForm: Sendable {
    private var pairs: [(name: String, value: Secret)] = []

    public init(_ pairs: [(name: String, value: Secret)] = []) { self.pairs = pairs }

    public mutating func append(_ name: String, _ value: Secret) { pairs.append((name, value)) }

    /// The names only: what a test or a log may see.
    public var names: [String] { pairs.map(\.name) }

    /// The value of a field, for tests.
    public subscript(name: String) -> Secret? { pairs.first { $0.name == name }?.value }

    /// The body's bytes (WHATWG URL, application/x-www-form-urlencoded; a space as `%20`).
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.exposed.utf8.count * 5 / 4 + 2 })
        for (offset, pair) in pairs.enumerated() {
            if offset > 0 { bytes.append(UInt8(ascii: "&")) }
            PercentEncoding.append(pair.name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            PercentEncoding.append(pair.value.exposed, to: &bytes)
        }
        return bytes
    }
}

enum PercentEncoding {
    /// Unreserved characters of RFC 3986 §2.3 stay; every other byte becomes `%XX`.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        unreserved.withUnsafeBufferPointer { isUnreserved in
            text.withUTF8 { buffer in
                var (start, position) = (0, 0)
                while position < buffer.count {
                    let byte = buffer[position]
                    if !isUnreserved[Int(byte)] {
                        bytes.append(
                            contentsOf: UnsafeBufferPointer(rebasing: buffer[start..<position]))
                        bytes.append(UInt8(ascii: "%"))
                        bytes.append(hexadecimal(byte >> 4))
                        bytes.append(hexadecimal(byte & 0x0F))
                        start = position + 1
                    }
                    position += 1
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
            }
        }
    }

    /// By byte: letters, digits, `-`, `.`, `_` and `~`.
    private static let unreserved: [Bool] = (UInt8.min...UInt8.max).map {
        $0.isASCIILetter || $0.isASCIIDigit || "-._~".utf8.contains($0)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}
