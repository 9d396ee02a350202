/// How far a mistyped word is from a known one, for "did you mean".

extension String {
    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    /// - Returns: The distance; `limit` stands for "that or more".
    func editDistance(to other: String, limit: Int) -> Int {
        let left = Array(unicodeScalars)
        let right = Array(other.unicodeScalars)
        guard abs(left.count - right.count) < limit else { return limit }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row]
            for column in 1..<(right.count + 1) {
                let isSame = left[row - 1] == right[column - 1]
                var best = Swift.min(
                    previous[column] + 1, current[column - 1] + 1,
                    previous[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    best = Swift.min(best, beforePrevious[column - 2] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return Swift.min(previous[right.count], limit)
    }
}
