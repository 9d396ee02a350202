/// When a line of a crontab starts its command (crontab(5)), as far as it takes to know how long nothing starts.

struct CronTimes: Equatable, Sendable {
    /// The longest time from one start to the next.
    let longestGap: Duration

    /// - Returns: nil for times that are no times of every day, and for what can't be read.
    init?(_ fields: [String]) {
        switch fields.first {
        case "@hourly"?: longestGap = .seconds(3600)
        case "@daily"?, "@midnight"?: longestGap = .seconds(86_400)
        default:
            guard fields.count == 5, fields.dropFirst(2).allSatisfy({ $0 == "*" }),
                let minutes = Self.numbers(fields[0], 0...59),
                let hours = Self.numbers(fields[1], 0...23)
            else { return nil }
            let starts = hours.flatMap { hour in minutes.map { hour * 60 + $0 } }
            guard let first = starts.first else { return nil }
            let gaps = zip(starts, starts.dropFirst() + [first + 1440]).map { $1 - $0 }
            longestGap = .seconds((gaps.max() ?? 1440) * 60)
        }
    }

    /// `*`, `7`, `7,22`, `0-20`, `*/15`, `0-30/10`: in order, each once.
    private static func numbers(_ field: String, _ all: ClosedRange<Int>) -> [Int]? {
        var found: Set<Int> = []
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(
                separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let range = range(halves[0], all) else { return nil }
            let step = halves.count == 1 ? 1 : Int(halves[1]) ?? 0
            guard step > 0 else { return nil }
            // A single number has no steps: cron takes it as it is.
            found.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return found.sorted()
    }

    private static func range(_ text: Substring, _ all: ClosedRange<Int>) -> ClosedRange<Int>? {
        if text == "*" { return all }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
            first <= last, all.contains(first), all.contains(last)
        else { return nil }
        return first...last
    }
}
