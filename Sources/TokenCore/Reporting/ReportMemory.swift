/// `--report change`: words at the edges, numbers all the time. A problem is printed when it appears,
/// changes or ends, and once a day while it lasts. Pure.

public import FoundationEssentials

public struct ReportMemory: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public let detail: String
        public let reportedAt: Date

        public init(detail: String, reportedAt: Date) {
            self.detail = detail
            self.reportedAt = reportedAt
        }
    }

    /// By problem; what was printed last, and when.
    public var entries: [String: Entry]

    public init(entries: [String: Entry]) { self.entries = entries }

    static let reminder = 24.0 * 3600

    public struct News: Equatable, Sendable {
        public var problems: [Problem]
        /// Problems that were printed once and are over.
        public var ended: [String]
    }

    /// What is new about the problems of a pass; remembers that it has been told.
    /// - Parameter isPartial: A pass over named users says nothing about the others.
    public mutating func news(_ problems: [Problem], isPartial: Bool, at now: Date) -> News {
        var news = News(problems: [], ended: [])
        var current: Set<String> = []
        for problem in problems {
            let key = Self.key(problem)
            current.insert(key)
            let detail = Self.detail(problem)
            if let known = entries[key], known.detail == detail,
                now.timeIntervalSince(known.reportedAt) < Self.reminder, known.reportedAt <= now
            {
                continue
            }
            news.problems.append(problem)
            entries[key] = Entry(detail: detail, reportedAt: now)
        }
        if !isPartial {
            news.ended = entries.keys.filter { !current.contains($0) }.sorted()
            for key in news.ended { entries[key] = nil }
        }
        return news
    }

    /// What makes it another problem: the codes, not the words, which may hold counts, times and
    /// identifiers that are new in every pass.
    private static func detail(_ problem: Problem) -> String {
        let refusal = problem.refusal
        let parts =
            [
                problem.who.rawValue, refusal.error, refusal.suberror,
                refusal.status.map(String.init),
            ]
            .compactMap { $0 } + refusal.codes.map(String.init)
        return parts.joined(separator: " ")
    }

    /// `user 7 must sign in again`
    static func key(_ problem: Problem) -> String {
        let user =
            problem.userID.map { "user \($0.description.sanitized(limit: 64))" } ?? "all users"
        return "\(user) \(problem.cause.words)"
    }
}
