/// A connection in a line of a table, in CSV and in JSON.

internal import FoundationEssentials

struct ConnectionText {
    let connection: InspectedConnection
    let state: ConnectionState
    let now: Date

    init(_ connection: InspectedConnection, margin: Duration, at now: Date) {
        self.connection = connection
        self.now = now
        state = connection.state(margin: margin, at: now)
    }

    // MARK: Table

    static let columns = [
        TextTable.Column(title: "USER", minimum: 8, maximum: 40), TextTable.Column(title: "STATE"),
        TextTable.Column(title: "EXPIRES"),
        TextTable.Column(title: "LAST REFRESH", isDispensable: true),
        TextTable.Column(title: "VERDICT", minimum: 9),
    ]

    /// The widest cells that are to be expected of rows that nobody has read yet.
    static func widest(user length: Int) -> [String] {
        let span = "47 h 59 min ago"
        let state = ConnectionState.allCases.map(\.words).max { $0.count < $1.count } ?? ""
        return [
            String(repeating: "0", count: min(length, 64)), state, span, span,
            String(repeating: "x", count: 120),
        ]
    }

    var cells: [String] {
        [
            user, state.words,
            connection.expiresAt.map { RelativeTime.phrase($0, at: now) } ?? "unreadable",
            connection.lastRefreshedAt.map { RelativeTime.phrase($0, at: now) } ?? "-", verdict,
        ]
    }

    /// The user in words that are safe to print; a row without a readable one by its number.
    var user: String { connection.userID?.description.sanitized() ?? "(row \(connection.rowID))" }

    private var verdict: String {
        guard let failure = connection.failure else { return connection.verdict?.rawValue ?? "-" }
        return "\(failure.verdict.rawValue): \(failure.refusal.message.sanitized())"
    }

    // MARK: CSV

    static let header = CSV.record([
        "user_id", "provider", "state", "expires_at", "last_refreshed_at", "verdict", "since",
        "next_attempt_at", "error", "suberror", "codes", "message",
    ])

    /// - Parameter isShown: Whether a person sees it, and not a program.
    func record(isShown: Bool) -> String {
        let failure = connection.failure
        let refusal = failure?.refusal
        let fields = [
            connection.userID?.description ?? "", connection.provider, state.rawValue,
            connection.expiresAt?.rfc3339 ?? "", connection.lastRefreshedAt?.rfc3339 ?? "",
            connection.verdict?.rawValue ?? "", failure?.since.rfc3339 ?? "",
            failure?.nextAttempt?.rfc3339 ?? "", refusal?.error ?? "", refusal?.suberror ?? "",
            refusal.map { $0.codes.map(String.init).joined(separator: " ") } ?? "",
            refusal?.message ?? "",
        ]
        return CSV.record(isShown ? fields.map { $0.sanitized() } : fields)
    }

    // MARK: JSON

    var json: JSON { .members(members) }

    var members: [(String, JSON)] {
        let failure = connection.failure
        let refusal = failure?.refusal
        return [
            ("user_id", .user(connection.userID)), ("provider", .string(connection.provider)),
            ("state", .string(state.rawValue)), ("expires_at", .time(connection.expiresAt)),
            ("last_refreshed_at", .time(connection.lastRefreshedAt)),
            ("verdict", .text(connection.verdict?.rawValue)), ("since", .time(failure?.since)),
            ("next_attempt_at", .time(failure?.nextAttempt)), ("error", .text(refusal?.error)),
            ("suberror", .text(refusal?.suberror)),
            ("codes", .array((refusal?.codes ?? []).map { .count($0) })),
            ("message", .text(refusal?.message)),
        ]
    }
}

extension StandingFailure {
    /// When it is tried again; nil when that may be at once, or never.
    var nextAttempt: Date? { nextAttemptAt == .distantFuture ? nil : nextAttemptAt }
}

extension ConnectionState {
    /// The state in a table's words.
    var words: String {
        switch self {
        case .fresh: "fresh"
        case .due: "due"
        case .expired: "expired"
        case .reauthRequired: "needs sign-in"
        case .consentRequired: "needs consent"
        case .backingOff: "backing off"
        case .malformed: "malformed"
        case .noRefreshToken: "no refresh token"
        }
    }

    func painted(_ text: String, _ style: TextStyle) -> String {
        switch self {
        case .fresh: style.green(text)
        case .due, .backingOff: style.yellow(text)
        case .expired, .reauthRequired, .consentRequired, .malformed, .noRefreshToken:
            style.red(text)
        }
    }
}

extension RelativeTime {
    /// `in 23 min`, `3 h ago`
    static func phrase(_ date: Date, at now: Date) -> String {
        let left = date.timeIntervalSince(now)
        return left >= 0 ? "in \(words(seconds: left))" : "\(words(seconds: -left)) ago"
    }
}

/// How many connections there are of each state, for the line below the table.
struct StateCounts {
    private(set) var total = 0
    private(set) var shown: [ConnectionState: Int] = [:]

    mutating func add(_ state: ConnectionState, isShown: Bool) {
        total += 1
        if isShown { shown[state, default: 0] += 1 }
    }

    /// `6 connections: 3 fresh, 2 due, 1 needs sign-in`
    var sentence: String {
        let count = shown.values.reduce(0, +)
        let parts = ConnectionState.allCases.compactMap { state in
            shown[state].map { "\($0) \(state.words)" }
        }
        let all = total.counting("connection")
        let head = count == total ? all : "\(count) of \(all)"
        return parts.isEmpty ? head : "\(head): \(parts.joined(separator: ", "))"
    }
}
