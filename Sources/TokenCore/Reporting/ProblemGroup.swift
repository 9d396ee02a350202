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
        let names = problems.compactMap { $0.userID?.description.sanitized(limit: 64) }
        guard let only = names.first else { return nil }
        if names.count == 1 { return "user \(only)" }
        let shown = names.prefix(Self.usersNamed).joined(separator: ", ")
        let more = names.count - Self.usersNamed
        return more > 0 ? "users \(shown) and \(more) more" : "users \(shown)"
    }

    /// `user 7 must sign in again: the session was revoked (AADSTS50173)`
    var sentence: String {
        let message = first.refusal.message.sanitized()
        guard let users else { return message }
        return "\(users): \(first.cause.words): \(message)"
    }

    /// What helps; where several users share a remedy, it speaks of the first.
    func remedy(_ remedies: Remedies) -> String { remedies.remedy(for: first) }
}

extension Problem.Cause {
    /// The cause in the report's words.
    var words: String {
        switch self {
        case .verdict(.reauthRequired): "must sign in again"
        case .verdict(.consentRequired): "needs consent or an admin"
        case .verdict(.configuration): "the application was refused"
        case .verdict(.transient): "not refreshed this time"
        case .verdict(.throttled): "throttled"
        case .verdict(.rejected): "request rejected"
        case .verdict(.malformed): "row can't be read"
        case .verdict(.refreshed), .verdict(.raced): "no problem"
        case .incident: "many refused at once"
        case .deferred: "not reached"
        case .database: "database"
        case .apiUnauthorized: "Graph says unauthorized"
        case .apiForbidden: "Graph says forbidden"
        case .apiError: "Graph could not be asked"
        case .run(let name): name
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
