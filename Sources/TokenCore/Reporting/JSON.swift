/// JSON with its keys in the order given, so that documents read as they are specified.

public import FoundationEssentials

public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSON
    }

    public static func members(_ members: [(String, JSON)]) -> JSON {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    public static func count(_ count: Int) -> JSON { .integer(Int64(count)) }
    public static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    public static func time(_ date: Date?) -> JSON { text(date?.rfc3339) }

    /// A user's identifier with the type it has in the table.
    public static func user(_ userID: UserID?) -> JSON {
        switch userID {
        case .integer(let number): .integer(number)
        case .text(let text): .string(text)
        case nil: .null
        }
    }

    /// One line (RFC 8259), without a line end.
    public var line: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .number(let number): text += number.isFinite ? String(number) : "null"
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements):
            text += "["
            for (offset, element) in elements.enumerated() {
                if offset > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (offset, member) in members.enumerated() {
                if offset > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Also what RFC 8259 would allow: JSON is read at terminals too.
            case _ where scalar.value < 0x20 || scalar.value > 0x7E && !scalar.isHarmless:
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
