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
        /// Problems that were printed once and are over, in words.
        public var ended: [String]
    }

    /// What is new about the problems of a pass; remembers that it has been told.
    /// - Parameters:
    ///   - suspended: Users of whom nothing is said while an incident lasts.
    ///   - isPartial: A pass over named users says nothing about the others.
    public mutating func news(
        _ problems: [Problem], suspended: [UserID] = [], isPartial: Bool, at now: Date
    ) -> News {
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
            var ended = entries.keys.filter { !current.contains($0) }
            if !ended.isEmpty, !suspended.isEmpty {
                let unsaid = Set(suspended.map { Self.name($0) })
                ended.removeAll { key in
                    EndedProblem(key: key).user.map { unsaid.contains("user \($0)") } ?? false
                }
            }
            for key in ended { entries[key] = nil }
            news.ended = EndedProblem.sentences(ended)
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
        "\(problem.userID.map(name) ?? EndedProblem.allUsers) \(problem.cause.words)"
    }

    private static func name(_ user: UserID) -> String {
        "user \(user.description.sanitized(limit: 64))"
    }
}
