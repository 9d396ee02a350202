/// Problems of the same cause as one: whoever is woken at night reads causes, not lists of users.

struct ProblemGroup: Equatable {
    /// More users are counted, not named.
    static let usersNamed = 20

    private(set) var problems: [Problem]

    /// In the order in which the causes appear.
    static func grouping(_ problems: [Problem]) -> [ProblemGroup] {
        var places: [Key: Int] = [:]
        var groups: [ProblemGroup] = []
        for problem in problems {
            let key = Key(
                cause: problem.cause, who: problem.who, message: problem.refusal.message)
            if let place = places[key] {
                groups[place].problems.append(problem)
            } else {
                places[key] = groups.count
                groups.append(ProblemGroup(problems: [problem]))
            }
        }
        return groups
    }

    private struct Key: Hashable {
        let cause: Problem.Cause
        let who: Responsible
        let message: String
    }

    var first: Problem { problems[0] }

    /// `user 7`, `users 7, 9`, `users 1, …, 20 and 37 more`; nil for a problem of the whole pass.
    var users: String? {
        Self.names(of: problems.compactMap(\.userID))
    }

    static func names(of users: [UserID]) -> String? {
        let users = users.sorted()
        guard let only = users.first else { return nil }
        if users.count == 1 { return "user \(only.description.sanitized(limit: 64))" }
        let shown = users.prefix(usersNamed).map { $0.description.sanitized(limit: 64) }
        let more = users.count - shown.count
        return "users \(shown.joined(separator: ", "))" + (more > 0 ? " and \(more) more" : "")
    }

    /// `user 7 must sign in again: the sign-in was revoked by the user or an admin (AADSTS50173)`
    var sentence: String {
        let message = first.refusal.message.sanitized()
        guard let users else { return message }
        let words = problems.count == 1 ? first.cause.words : first.cause.wordsForMany
        return "\(users) \(words): \(message)"
    }

    /// What helps against all of them.
    func remedy(_ remedies: Remedies) -> String {
        remedies.remedy(for: first, isOneOfMany: problems.count > 1)
    }
}

extension Problem.Cause {
    /// The cause as the rest of a sentence about one user, or as a heading.
    var words: String {
        switch self {
        case .verdict(.reauthRequired): "must sign in again"
        case .verdict(.consentRequired): "needs consent or an admin"
        case .verdict(.configuration): "application refused"
        case .verdict(.transient): "not refreshed this time"
        case .verdict(.throttled): "throttled"
        case .verdict(.rejected): "rejected as malformed"
        case .verdict(.malformed): "has a row that can't be read"
        case .verdict(.refreshed), .verdict(.raced): "without a problem"
        case .incident: "many refused at once"
        case .deferred: "not reached"
        case .database: "database failed"
        case .apiUnauthorized: "unauthorized at Graph"
        case .apiForbidden: "forbidden at Graph"
        case .apiError: "not testable at Graph"
        case .apiThrottled: "API test throttled"
        case .run(let name): name
        }
    }
}

extension Problem.Cause {
    /// The same about several users.
    var wordsForMany: String {
        switch self {
        case .verdict(.consentRequired): "need consent or an admin"
        case .verdict(.malformed): "have rows that can't be read"
        default: words
        }
    }
}

extension Responsible {
    /// Who has to act, in the report's words.
    var words: String {
        switch self {
        case .user: "the user"
        case .tenantAdmin: "the tenant's admin"
        case .applicationOwner: "the application's owner"
        case .microsoft: "Microsoft"
        case .network: "the network"
        case .operator: "the operator"
        }
    }
}
