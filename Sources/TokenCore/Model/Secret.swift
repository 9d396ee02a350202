/// A string that never prints itself: whatever prints, interpolates, reflects or dumps it sees
/// `<redacted>`. Only code that names ``exposed`` gets the characters.

public struct Secret: Hashable, Sendable {
    /// The characters. Each use is a place where a secret leaves the type system.
    public let exposed: String

    public init(_ exposed: String) { self.exposed = exposed }

    public var isEmpty: Bool { exposed.isEmpty }

    /// Whether there is nothing but white space in it: no token, whoever wrote it.
    var isBlank: Bool {
        // Nearly always the first byte tells.
        if let first = exposed.utf8.first, first.isASCIIPrintable, first != 0x20 { return false }
        return exposed.allSatisfy(\.isWhitespace)
    }

    /// Whether it has the form of an access token: printable ASCII (RFC 6749 §A.12). Anything else could
    /// break out of the header that carries it.
    var isAccessToken: Bool { !isBlank && exposed.isPrintableASCII }

    /// Whether an `Authorization` header can carry it: in one piece too (RFC 6750 §2.1).
    var isBearerToken: Bool { isAccessToken && !exposed.utf8.contains(0x20) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
