/// Which connections there are to look at: what is due, what a person named, what stands condemned.

public import FoundationEssentials

/// One row of a selection, as far as it could be read.
public enum SelectedRow: Sendable {
    case connection(Connection)
    /// `expires_at` or `user_id` can't be read.
    case malformed(ConnectionID, rowID: Int64)
    case noRefreshToken(ConnectionID)
}

extension TokenStore {
    /// Begins (again) with the soonest of all rows that expire up to the horizon.
    public func selectDue(horizon: Date) {
        let ranges = DueRanges(
            horizon: horizon, zone: settings.zone, keepsNumbers: table.keepsNumbers)
        selection = DueSelection(
            ranges, horizon: horizon, provider: settings.provider, zone: settings.zone)
    }

    /// The next rows of the selection, with their tokens as they are now. Rows that are gone are left
    /// out, so fewer than `limit` does not mean the end.
    /// - Returns: nil at the end of the selection.
    public func nextDue(_ limit: Int, at now: Date) throws(StoreError) -> [SelectedRow]? {
        try translating {
            guard var current = selection else { return nil }
            return try database.reading {
                let rows = try current.next(limit, statements: statements.due)
                selection = rows.isEmpty ? nil : current
                if rows.isEmpty { return nil }
                return try rows.compactMap { try load(rowID: $0.rowID, at: now) }
            }
        }
    }

    /// How many connections expire up to the horizon.
    public func countDue(horizon: Date) throws(StoreError) -> Int {
        try translating {
            let ranges = DueRanges(
                horizon: horizon, zone: settings.zone, keepsNumbers: table.keepsNumbers)
            var selection = DueSelection(
                ranges, horizon: horizon, provider: settings.provider, zone: settings.zone)
            var count = 0
            while true {
                let rows = try selection.next(1024, statements: statements.due)
                if rows.isEmpty { return count }
                count += rows.count { $0.expiresAt != nil }
            }
        }
    }

    /// Of the rows that expire up to the horizon, how many have a refresh token and nothing recorded
    /// against them, and which others are to be looked at.
    func countUnblemished(
        horizon: Date, except met: RowSet
    ) throws(StoreError) -> (count: Int, others: [Int64]) {
        try translating {
            let ranges = DueRanges(
                horizon: horizon, zone: settings.zone, keepsNumbers: table.keepsNumbers)
            var selection = DueSelection(
                ranges, horizon: horizon, provider: settings.provider, zone: settings.zone)
            let row = try database.prepare(
                text: """
                    SELECT typeof(t.user_id) IN ('integer', 'text')
                      AND trim(ifnull(t.refresh_token, ''), ' ' || char(9, 10, 11, 12, 13)) <> ''
                      AND ifnull(c.failures, 0) = 0
                    FROM oauth_tokens AS t \(StateSchema.joinedState) WHERE t.rowid = ?1
                    """)
            var (count, others): (Int, [Int64]) = (0, [])
            while true {
                let page = try selection.next(1024, statements: statements.due)
                if page.isEmpty { return (count, others) }
                for due in page where !met.contains(due.rowID) {
                    try row.bind(.integer(due.rowID))
                    defer { row.reset() }
                    guard try row.step() else { continue }
                    if due.expiresAt != nil, row.integer(0) != 0 {
                        count += 1
                    } else {
                        others.append(due.rowID)
                    }
                }
            }
        }
    }

    /// The rows of a user that somebody named: at most one integer and one text.
    public func rows(ofUser argument: String, at now: Date) throws(StoreError) -> [SelectedRow] {
        try translating {
            try UserID.candidates(for: argument).compactMap { userID in
                try rowID(of: userID).flatMap { try load(rowID: $0, at: now) }
            }
        }
    }

    /// A row by its rowid, as it is now; nil when it is gone.
    public func row(_ rowID: Int64, at now: Date) throws(StoreError) -> SelectedRow? {
        try translating { try load(rowID: rowID, at: now) }
    }

    /// The next rows of our provider in order of rowid, whatever their expiry.
    public func allRows(
        after rowID: Int64, limit: Int, at now: Date
    ) throws(StoreError) -> [(rowID: Int64, row: SelectedRow)] {
        try translating {
            let page = try database.prepare(
                "SELECT rowid FROM oauth_tokens WHERE rowid > ?1 AND provider = ?2 ORDER BY rowid LIMIT ?3"
            ).bind(.integer(rowID), .text(settings.provider), .integer(Int64(limit)))
            var found: [Int64] = []
            while try page.step() { found.append(page.integer(0)) }
            return try found.compactMap { rowID in
                try load(rowID: rowID, at: now).map { (rowID, $0) }
            }
        }
    }

    /// The next connections that need a person, in order of user, with the failure that stands.
    public func condemned(
        after userID: UserID?, limit: Int, at now: Date
    ) throws(StoreError) -> (connections: [Connection], last: UserID?) {
        try translating {
            let page = try database.prepare(
                """
                SELECT user_id FROM maintain_teams_connections
                WHERE verdict IN ('reauth_required', 'consent_required') AND provider = ?1
                  AND (?2 IS NULL OR user_id > ?2)
                ORDER BY user_id LIMIT ?3
                """
            ).bind(
                .text(settings.provider), userID.map(SQLiteValue.init) ?? .null,
                .integer(Int64(limit)))
            var users: [UserID] = []
            while try page.step() {
                if let userID = UserID(page.value(0)) { users.append(userID) }
            }
            let connections = try users.compactMap { userID -> Connection? in
                guard let rowID = try rowID(of: userID),
                    case .connection(let connection) = try load(rowID: rowID, at: now),
                    connection.failure?.needsPerson == true
                else { return nil }
                return connection
            }
            return (connections, users.last)
        }
    }

    /// The user whose identifier is nearest to a mistyped one.
    public func nearestUser(to argument: String) throws(StoreError) -> String? {
        try translating {
            let all = try database.prepare(
                "SELECT user_id FROM oauth_tokens WHERE provider = ?1 LIMIT 100000"
            ).bind(.text(settings.provider))
            var known: [String] = []
            while try all.step() {
                if let userID = UserID(all.value(0)) { known.append(userID.description) }
            }
            return NearestName.of(argument, among: known, limit: 2)
        }
    }

    /// Rows of our provider, and how many of them have no refresh token. Reads the whole table.
    public func totals() throws(StoreError) -> (connections: Int, withoutRefreshToken: Int) {
        try translating {
            let statement = try database.prepare(
                """
                SELECT count(*), count(*) FILTER (
                  WHERE trim(ifnull(refresh_token, ''), ' ' || char(9, 10, 11, 12, 13)) = '')
                FROM oauth_tokens WHERE provider = ?1
                """
            ).bind(.text(settings.provider))
            defer { statement.reset() }
            guard try statement.step() else { return (0, 0) }
            return (Int(statement.integer(0)), Int(statement.integer(1)))
        }
    }

    /// The access token that a row holds now; nil when the row is gone.
    func accessToken(ofRow rowID: Int64) throws(StoreError) -> Secret? {
        try translating {
            let statement = try database.prepare(
                "SELECT access_token FROM oauth_tokens WHERE rowid = ?1"
            ).bind(.integer(rowID))
            defer { statement.reset() }
            return try statement.step() ? Secret(statement.text(0)) : nil
        }
    }

    func rowID(of userID: UserID, provider: String? = nil) throws -> Int64? {
        let type = if case .integer = userID { "integer" } else { "text" }
        let statement = try statements.rowOfUser.bind(
            SQLiteValue(userID), .text(provider ?? settings.provider), .text(type))
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : nil
    }

    func load(rowID: Int64, at now: Date) throws -> SelectedRow? {
        let statement = try statements.load.bind(.integer(rowID), .text(settings.provider))
        guard try statement.step() else { return nil }
        let user = statement.value(0)
        let token = Secret(statement.text(1))
        let expires = statement.value(2)
        statement.reset()
        guard let userID = UserID(user) else {
            let id = ConnectionID(userID: .text("(row \(rowID))"), provider: settings.provider)
            return .malformed(id, rowID: rowID)
        }
        let id = ConnectionID(userID: userID, provider: settings.provider)
        guard !token.isBlank else { return .noRefreshToken(id) }
        guard let expiresAt = ExpiresAt(expires, zone: settings.zone) else {
            return .malformed(id, rowID: rowID)
        }
        let state = try state(of: id, refreshToken: token, at: now)
        return .connection(
            Connection(
                id: id, rowID: rowID, refreshToken: token, expiresAt: expiresAt.date,
                failure: state.failure, mendedFailure: state.mendedFailure,
                lastRefreshedAt: state.lastRefreshedAt))
    }
}

extension UserID {
    /// Nil for NULL, a real number, a blob or broken text: not a user's identifier.
    init?(_ value: SQLiteValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .text(let text): self = .text(text)
        case .null, .real, .unreadableText, .blob: return nil
        }
    }
}

extension SQLiteValue {
    init(_ userID: UserID) {
        switch userID {
        case .integer(let number): self = .integer(number)
        case .text(let text): self = .text(text)
        }
    }
}
