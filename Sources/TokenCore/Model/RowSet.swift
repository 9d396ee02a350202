/// Row numbers that a pass has met: a million of them in a few hundred kilobytes, for they lie close together.

struct RowSet: Sendable {
    /// 64 rows a word, by their number divided by 64.
    private var words: [Int64: UInt64] = [:]

    func contains(_ row: Int64) -> Bool { words[row >> 6].map { $0 & Self.bit(row) != 0 } ?? false }

    /// - Returns: Whether it was not there yet.
    mutating func insert(_ row: Int64) -> Bool {
        let word = words[row >> 6, default: 0]
        words[row >> 6] = word | Self.bit(row)
        return word & Self.bit(row) == 0
    }

    private static func bit(_ row: Int64) -> UInt64 { 1 << UInt64(row & 63) }
}
