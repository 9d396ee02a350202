/// A string that never prints itself: whatever prints, interpolates, reflects or dumps it sees
/// `<redacted>`. Only code that names ``exposed`` gets the characters.

public struct Secret: Hashable, Sendable {
    /// The characters. Each use is a place where a secret leaves the type system.
    public let exposed: String

    public init(_ exposed: String) { self.exposed = exposed }

    public var isEmpty: Bool { exposed.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
