/// One JSON text (RFC 8259), read without mercy. Foundation's decoder takes the first of two equal
/// names and rounds numbers; whoever stores tokens wants to hear about the one and see the other.

enum JSONValue: Equatable, Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    /// As it was spelled, for example `3599` or `1e3`.
    case number(String)
    case bool(Bool)
    case null

    /// - Throws: for anything but one complete text: bad UTF-8, a lone surrogate, a name given
    ///   twice, more than ``deepest`` levels, something missing or left over.
    init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        var reader = JSONReader(bytes)
        self = try reader.text()
    }

    /// Real answers have two levels.
    static let deepest = 32

    var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The spelling of a number, whether it was sent as a number or as a string holding one.
    var numeral: String? {
        switch self {
        case .number(let text): text
        case .string(let text) where JSONReader.isNumber(text): text
        default: nil
        }
    }
}

struct JSONSyntaxError: Error {}

/// A recursive descent over the bytes: the grammar of RFC 8259, one method per rule.
private struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // RFC 8259 §8.1 lets a reader pass over a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    static func isNumber(_ text: String) -> Bool {
        var reader = JSONReader(Array(text.utf8))
        return (try? reader.number()) != nil && reader.position == reader.bytes.count
    }

    mutating func text() throws(JSONSyntaxError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw JSONSyntaxError() }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= JSONValue.deepest else { throw JSONSyntaxError() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try take("{")
        // As many as a token response has: grown one by one, it would be copied four times.
        var members = [String: JSONValue](minimumCapacity: 8)
        skipSpace()
        if takeIfPresent("}") { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            try take(":")
            let value = try value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else { throw JSONSyntaxError() }
            skipSpace()
        } while takeIfPresent(",")
        try take("}")
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try take("[")
        var elements: [JSONValue] = []
        skipSpace()
        if takeIfPresent("]") { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while takeIfPresent(",")
        try take("]")
        return .array(elements)
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        try take("\"")
        let start = position
        position = bytes.withUnsafeBufferPointer { $0.endOfPlainJSON(from: start) }
        guard next == UInt8(ascii: "\\") else {
            // Nearly always: no escape, so the bytes are the text.
            let text = try Self.utf8(bytes[start..<position])
            try take("\"")
            return text
        }
        var unescaped = Array(bytes[start..<position])
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw JSONSyntaxError() }
            position += 1
            if byte == UInt8(ascii: "\\") {
                try escape(into: &unescaped)
            } else {
                unescaped.append(byte)
            }
        }
        try take("\"")
        return try Self.utf8(unescaped[...])
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = next else { throw JSONSyntaxError() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            text.append(contentsOf: String(Character(try escapedScalar())).utf8)
        default: throw JSONSyntaxError()
        }
    }

    /// After `\u`: one scalar, for which a pair of surrogates needs two escapes.
    private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00 else { throw JSONSyntaxError() }
        try take("\\")
        try take("u")
        let second = try fourDigits()
        guard 0xDC00..<0xE000 ~= second,
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONSyntaxError() }
        return scalar
    }

    private mutating func fourDigits() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next,
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw JSONSyntaxError() }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        _ = takeIfPresent("-")
        if !takeIfPresent("0") { try digits() }
        if takeIfPresent(".") { try digits() }
        if takeIfPresent("e") || takeIfPresent("E") {
            if !takeIfPresent("+") { _ = takeIfPresent("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw JSONSyntaxError() }
    }

    private mutating func literal(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word.description.utf8)
        else { throw JSONSyntaxError() }
        position = end
        return value
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
        guard let text = bytes.withUnsafeBufferPointer(String.init(utf8:)) else {
            throw JSONSyntaxError()
        }
        return text
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func takeIfPresent(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) throws(JSONSyntaxError) {
        guard takeIfPresent(character) else { throw JSONSyntaxError() }
    }
}
