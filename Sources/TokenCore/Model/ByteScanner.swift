/// Reads a text of a fixed form from the left, byte by byte; a failed read leaves the place where it was.

struct ByteScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// Runs `body` with a scanner at the beginning of a text.
    static func scan<Value>(_ text: String, _ body: (inout ByteScanner) -> Value) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = ByteScanner(bytes: bytes)
            return body(&scanner)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// What is left.
    var rest: String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[position...]), as: UTF8.self)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(digits: Int) -> Int? {
        guard bytes.count - position >= digits else { return nil }
        var number = 0
        for byte in bytes[position..<position + digits] {
            guard byte.isASCIIDigit else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        position += digits
        return number
    }

    mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes.count - position >= wanted.count,
            bytes[position..<position + wanted.count].elementsEqual(wanted)
        else { return false }
        position += wanted.count
        return true
    }

    /// Takes one of these ASCII characters.
    mutating func takeAny(of characters: StaticString) -> Character? {
        guard !isAtEnd else { return nil }
        let wanted = UnsafeBufferPointer(
            start: characters.utf8Start, count: characters.utf8CodeUnitCount)
        let byte = bytes[position]
        guard wanted.contains(byte) else { return nil }
        position += 1
        return Character(Unicode.Scalar(byte))
    }

    /// Passes over so many bytes, if all of them satisfy a condition.
    mutating func skip(count: Int, where condition: (UInt8) -> Bool) -> Bool {
        guard bytes.count - position >= count,
            bytes[position..<position + count].allSatisfy(condition)
        else { return false }
        position += count
        return true
    }

    /// A point and digits, or nothing; nil when digits don't follow the point.
    mutating func fraction() -> (value: Double, digits: Int)? {
        let start = position
        guard take(".") else { return (0, 0) }
        var value = 0.0
        var scale = 1.0
        var digits = 0
        while let digit = number(digits: 1) {
            scale /= 10
            value += Double(digit) * scale
            digits += 1
        }
        if digits > 0 { return (value, digits) }
        position = start
        return nil
    }
}
