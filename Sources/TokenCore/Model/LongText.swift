/// Looks through texts as long as tokens, eight bytes at a time: nearly all that a pass reads and writes is
/// the inside of tokens, and byte by byte that is the larger part of its own work.
///
/// In a word of eight bytes `(word - n * ones) & ~word & highs` is not zero exactly when a byte below `n` is
/// among them, for `n` up to 128.

extension UnsafeBufferPointer<UInt8> {
    /// Where the first quote, backslash or control character is, from `start` on; the end without one.
    func endOfPlainJSON(from start: Int) -> Int {
        first(from: start) { word in
            word.below(0x20) | word.equal(UInt8(ascii: "\"")) | word.equal(UInt8(ascii: "\\"))
        }
    }

    /// Whether all are printable ASCII: a space, or what leaves a mark on paper.
    var arePrintableASCII: Bool {
        first(from: 0) { word in
            word.below(0x20) | word.equal(0x7F) | (word & UInt64.highs)
        } == count
    }

    /// Where the first byte is that is looked for; the end without one.
    /// - Parameter marks: Sets the highest bit of each such byte in a word. Above the lowest one it may set others.
    @inline(__always)
    private func first(from start: Int, _ marks: (UInt64) -> UInt64) -> Int {
        let bytes = UnsafeRawBufferPointer(self)
        var position = start
        while position + 8 <= count {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let found = marks(word)
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < count, marks(UInt64.letters << 8 | UInt64(self[position])) == 0 {
            position += 1
        }
        return position
    }
}

extension UInt64 {
    fileprivate static let highs: UInt64 = 0x8080_8080_8080_8080
    fileprivate static let ones: UInt64 = 0x0101_0101_0101_0101
    /// Eight bytes that no search stops at.
    fileprivate static let letters: UInt64 = 0x6161_6161_6161_6161

    @inline(__always)
    fileprivate func below(_ limit: UInt8) -> UInt64 {
        (self &- Self.ones * UInt64(limit)) & ~self & Self.highs
    }

    @inline(__always)
    fileprivate func equal(_ byte: UInt8) -> UInt64 { (self ^ Self.ones * UInt64(byte)).below(1) }
}

extension String {
    /// Nil for bytes that are not UTF-8. Tokens are ASCII, which is found out here four times as fast as by
    /// `String(validating:as:)`.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.arePrintableASCII {
            self.init(decoding: bytes, as: UTF8.self)
        } else {
            self.init(validating: bytes, as: UTF8.self)
        }
    }

    /// Whether it is printable ASCII only.
    var isPrintableASCII: Bool {
        utf8.withContiguousStorageIfAvailable(\.arePrintableASCII)
            ?? utf8.allSatisfy(\.isASCIIPrintable)
    }
}
