/// The known name that somebody probably meant: "did you mean …?".

public enum NearestName {
    /// - Returns: The name with the fewest slips (a letter added, left out, changed, or swapped with
    ///   its neighbour; upper and lower case are the same), if there are at most `limit` and not more
    ///   than in every other letter; the first of equals.
    public static func of(
        _ name: String, among known: some Sequence<String>, limit: Int
    ) -> String? {
        var best: (name: String, slips: Int)?
        for candidate in known {
            let slips = slips(from: name, to: candidate)
            let most = min(limit, max(name.count, candidate.count) / 2)
            if slips <= most, slips < best?.slips ?? .max { best = (candidate, slips) }
        }
        return best?.name
    }

    /// Optimal string alignment distance, on three rows of its table.
    static func slips(from first: String, to second: String) -> Int {
        let a = Array(first.lowercased())
        let b = Array(second.lowercased())
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                let change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                row[j] = min(last[j] + 1, row[j - 1] + 1, change)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
