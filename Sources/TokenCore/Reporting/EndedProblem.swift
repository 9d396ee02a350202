/// A problem that is over, read from the name under which it was remembered: all that is left of it.

struct EndedProblem {
    /// Stands for the user in the name of a problem of the whole pass.
    static let allUsers = "all users"

    /// As it was shown; nil for a problem of the whole pass, or a name that an older program wrote.
    let user: String?
    private let cause: Problem.Cause?
    private let key: String

    /// - Parameter key: For example `user 7 must sign in again`.
    init(key: String) {
        let cause = Problem.Cause.remembered.filter { key.hasSuffix(" \($0.words)") }
            .max { $0.words.utf8.count < $1.words.utf8.count }
        let subject = cause.map { key.dropLast($0.words.count + 1) } ?? ""
        self.key = key
        self.cause = cause
        user = subject.hasPrefix("user ") ? String(subject.dropFirst("user ".count)) : nil
    }

    /// One sentence for each cause, with at most as many users as a report names.
    static func sentences(_ keys: [String]) -> [String] {
        let groups = Dictionary(grouping: keys.map(EndedProblem.init)) { ended in
            ended.user == nil ? ended.key : ended.cause?.words ?? ended.key
        }
        return groups.sorted { $0.key < $1.key }.map { sentence($0.value) }
    }

    private static func sentence(_ group: [EndedProblem]) -> String {
        let first = group[0]
        guard let cause = first.cause else { return first.key }
        let users = group.compactMap(\.user).map { UserID.candidates(for: $0)[0] }
        guard let names = ProblemGroup.names(of: users) else { return cause.wordsForAll }
        return "\(names) \(users.count == 1 ? cause.words : cause.wordsForMany)"
    }
}

extension Problem.Cause {
    /// Those of a finished pass.
    fileprivate static let remembered: [Problem.Cause] =
        Verdict.allCases.map { .verdict($0) } + [
            .incident, .deferred, .database, .apiUnauthorized, .apiForbidden, .apiError,
            .apiThrottled,
        ]

    /// What the whole pass met.
    fileprivate var wordsForAll: String {
        switch self {
        case .verdict(.configuration): "the application was refused"
        case .verdict(.throttled): "the token endpoint asked for a pause"
        case .verdict(.transient): "nobody answered"
        case .incident: "many users were refused at once"
        case .deferred: "connections were not reached in time"
        case .database: "the database failed"
        case .apiThrottled: "Graph asked for a pause"
        default: words
        }
    }
}
