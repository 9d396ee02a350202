/// What is remembered from one pass to the next: failures of connections, and pauses that the token
/// endpoint asked for.

public import FoundationEssentials

extension TokenStore {
    /// What is remembered of a connection.
    struct State {
        var failure: StandingFailure?
        /// One that is void, because what failed is another than what would be tried now.
        var mendedFailure: StandingFailure?
        var lastRefreshedAt: Date?
        /// When this program last tried, whatever it came to.
        var lastAttemptAt: Date?
    }

    func state(of id: ConnectionID, refreshToken: Secret, at now: Date) throws -> State {
        let statement = try statements.state.bind(.text(id.provider), SQLiteValue(id.userID))
        defer { statement.reset() }
        guard try statement.step() else { return State() }
        let lastRefreshedAt = statement.date(3, believedAt: now)
        let lastAttemptAt = statement.date(7, believedAt: now)
        guard let verdict = Verdict(rawValue: statement.text(0)), statement.integer(1) > 0
        else { return State(lastRefreshedAt: lastRefreshedAt, lastAttemptAt: lastAttemptAt) }
        let stands =
            settings.trustsRecordedFailures
            || statement.blob(5)
                == Fingerprint(refreshToken: refreshToken, context: settings.context).bytes
        let neverAgain = statement.date(4) == .distantFuture
        let failure = StandingFailure(
            verdict: verdict, since: statement.date(2, believedAt: now) ?? now,
            count: Int(statement.integer(1)),
            nextAttemptAt: neverAgain ? .distantFuture : statement.date(4, believedAt: now),
            refusal: Refusal(json: statement.text(6)))
        return State(
            failure: stands ? failure : nil, mendedFailure: stands ? nil : failure,
            lastRefreshedAt: lastRefreshedAt, lastAttemptAt: lastAttemptAt)
    }

    /// Before this time the token endpoint asked this client not to call.
    public func clientPause(at now: Date) throws(StoreError) -> Date? {
        try translating {
            let statement = try database.prepare(
                "SELECT not_before FROM maintain_teams_clients WHERE client = ?1"
            ).bind(.text(clientKey))
            defer { statement.reset() }
            guard try statement.step(), let date = statement.date(0, believedAt: now) else {
                return nil
            }
            return date > now ? date : nil
        }
    }

    public func pauseClient(until date: Date) throws(StoreError) {
        try translating {
            try database.transaction {
                try database.prepare(
                    """
                    INSERT INTO maintain_teams_clients (client, not_before) VALUES (?1, ?2)
                    ON CONFLICT (client) DO UPDATE SET not_before = excluded.not_before
                    """
                ).bind(.text(clientKey), .integer(date.wholeSeconds + 1)).run()
            }
        }
    }

    /// The pause belongs to the application at its authority, not to the scopes asked for.
    private var clientKey: String {
        settings.context.parts.prefix(3).joined(separator: " ")
    }

    /// A value of `maintain_teams_meta`.
    public func meta(_ key: String) throws(StoreError) -> String? {
        try translating {
            let statement = try database.prepare(
                "SELECT value FROM maintain_teams_meta WHERE key = ?1"
            ).bind(.text(key))
            defer { statement.reset() }
            return try statement.step() ? statement.text(0) : nil
        }
    }

    /// Sets or, with nil, removes a value of `maintain_teams_meta`.
    public func setMeta(_ key: String, _ value: String?) throws(StoreError) {
        try translating {
            try database.transaction {
                guard let value else {
                    try database.prepare("DELETE FROM maintain_teams_meta WHERE key = ?1")
                        .bind(.text(key)).run()
                    return
                }
                try database.prepare(
                    """
                    INSERT INTO maintain_teams_meta (key, value) VALUES (?1, ?2)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value
                    """
                ).bind(.text(key), .text(value)).run()
            }
        }
    }

    /// Removes the state of connections whose rows are gone, a window of rows at a time so that a pass
    /// over a large table stays short.
    public func forgetDeletedConnections(window: Int = 10_000) throws(StoreError) {
        try translating {
            try database.transaction {
                try forgetDeleted(
                    in: "maintain_teams_connections", window: window, bookmark: "cleaned_up_to")
                try forgetDeleted(
                    in: "maintain_teams_accounts", window: window,
                    bookmark: "accounts_cleaned_up_to")
            }
        }
    }

    /// - Parameter bookmark: Where in `maintain_teams_meta` the last window's end is kept.
    private func forgetDeleted(
        in name: StaticString, window: Int, bookmark: StaticString
    ) throws {
        let bookmark = SQLiteValue.text(bookmark.description)
        let start = try database.prepare("SELECT value FROM maintain_teams_meta WHERE key = ?1")
            .bind(bookmark)
        let bookmarked = try start.step() ? start.value(0) : .null
        start.reset()
        // Bounds that are always there: with "or no bound" SQLite reads all states, not those of the window.
        // Numbers come before texts, and texts before blobs (sqlite.org/datatype3.html#comparison_expressions).
        let after = bookmarked == .null ? .real(-.infinity) : bookmarked
        let last = try database.prepare(
            text: """
                SELECT user_id FROM \(name)
                WHERE provider = ?1 AND user_id > ?2 ORDER BY user_id LIMIT 1 OFFSET ?3
                """
        ).bind(.text(settings.provider), after, .integer(Int64(window - 1)))
        // NULL when less than a window is left: then it reaches to the end, and the next one begins anew.
        let end = try last.step() ? last.value(0) : .null
        last.reset()
        // By the type too: a column with an affinity finds 4 for '4', who are two users.
        try database.prepare(
            text: """
                DELETE FROM \(name)
                WHERE provider = ?1 AND user_id > ?2 AND user_id <= ?3
                  AND NOT EXISTS (
                    SELECT 1 FROM oauth_tokens AS t WHERE t.user_id = \(name).user_id
                      AND t.provider = ?1 AND typeof(t.user_id) = typeof(\(name).user_id))
                """
        ).bind(.text(settings.provider), after, end == .null ? .blob([0]) : end).run()
        try database.prepare(
            """
            INSERT INTO maintain_teams_meta (key, value) VALUES (?1, ?2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value
            """
        ).bind(bookmark, end).run()
    }
}

extension Statement {
    /// A time stored as Unix seconds; `.distantFuture` as the largest integer.
    func date(_ column: Int32) -> Date? {
        guard !isNull(column) else { return nil }
        let seconds = integer(column)
        return seconds == .max ? .distantFuture : Date(timeIntervalSince1970: Double(seconds))
    }

    /// Nil for a time more than 48 hours ahead: it was written by a clock that had jumped.
    func date(_ column: Int32, believedAt now: Date) -> Date? {
        date(column).flatMap { $0.timeIntervalSince(now) > 48 * 3600 ? nil : $0 }
    }
}

extension SQLiteValue {
    /// The inverse of ``Statement/date(_:)``.
    init(_ date: Date?) {
        guard let date else {
            self = .null
            return
        }
        self = .integer(date == .distantFuture ? .max : date.wholeSeconds)
    }
}

extension Refusal {
    init(json: String) {
        self =
            (try? JSONDecoder().decode(Refusal.self, from: Data(json.utf8)))
            ?? Refusal(message: "no details are recorded")
    }

    var json: String {
        guard let data = try? JSONEncoder().encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
