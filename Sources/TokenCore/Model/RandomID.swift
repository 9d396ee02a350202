/// A random UUID (RFC 9562 §5.4) in lower case, as requests are named. Foundation's opens /dev/urandom for
/// each, four system calls for every request; this is one, getentropy(3).

internal import Glibc

enum RandomID {
    static func make() -> String {
        var random: (UInt64, UInt64) = (0, 0)
        let code = withUnsafeMutableBytes(of: &random) { getentropy($0.baseAddress!, $0.count) }
        precondition(code == 0, "the kernel has no random numbers")
        let high = random.0 & ~0xF000 | 0x4000
        let low = random.1 & ~(0b11 << 62) | 0b10 << 62
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                text.append(UInt8(ascii: "-"))
            }
            let word = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> (60 - index % 16 * 4)) & 0x0F
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
