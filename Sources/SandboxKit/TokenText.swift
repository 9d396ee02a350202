/// Base64url without padding (RFC 4648 §5), and filler that makes a token as long as a real one.
enum TokenText {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func base64URL(_ bytes: some Collection<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 4 + 2) / 3)
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                output.append(alphabet[Int(held >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { output.append(alphabet[Int(held << UInt32(6 - bits)) & 63]) }
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes behind base64url or base64 text without padding; `nil` for any other character.
    static func bytes(base64URL text: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        for character in text {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
            default: return nil
            }
            held = held << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        return output
    }

    /// So many characters that depend on every byte of `text`: a checksum, and good padding.
    /// It is no signature: anyone with this source can make it, which is the point of a sandbox.
    static func filler(for text: some Collection<UInt8>, length: Int) -> String {
        var generator = SplitMix64(state: fingerprint(text))
        var output: [UInt8] = []
        output.reserveCapacity(length)
        while output.count < length {
            var word = generator.next()
            for _ in 0..<min(10, length - output.count) {
                output.append(alphabet[Int(word & 63)])
                word >>= 6
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// FNV-1a, 64 bits: the same in every process, unlike `Hasher`.
    static func fingerprint(_ text: some Collection<UInt8>) -> UInt64 {
        text.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// A GUID that always belongs to this text; version and variant as in a random one.
    static func guid(for text: String) -> String {
        var generator = SplitMix64(state: fingerprint(text.utf8))
        return guid(generator.next(), generator.next())
    }

    static func randomGUID() -> String {
        guid(.random(in: .min ... .max), .random(in: .min ... .max))
    }

    private static func guid(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let high = high & 0xffff_ffff_ffff_0fff | 0x4000
        let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        var output: [UInt8] = []
        output.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                output.append(UInt8(ascii: "-"))
            }
            let word = index < 16 ? high : low
            output.append(digits[Int(word >> UInt64((15 - index % 16) * 4) & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Steele, Lea, Flood 2014: a tiny generator whose sequence depends on its seed alone.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
