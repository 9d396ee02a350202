/// Questions of a person about connections: read in pages, so that no read transaction is open while
/// somebody scrolls.

internal import FoundationEssentials

extension TokenStore {
    /// The next rows of our provider in order of user.
    /// - Parameter last: The row to go on after; nil to begin.
    func inspect(
        after last: InspectedConnection.Place?, limit: Int, at now: Date
    ) throws(StoreError) -> (rows: [InspectedConnection], last: InspectedConnection.Place?) {
        try translating {
            let statement = try page(after: last, limit: limit)
            var rows: [InspectedConnection] = []
            var place: InspectedConnection.Place?
            while try statement.step() {
                place = InspectedConnection.Place(
                    user: statement.value(1), rowID: statement.integer(0))
                rows.append(try inspected(statement, at: now))
            }
            return (rows, place)
        }
    }

    /// The rows of a user that somebody named: at most one integer and one text.
    func inspect(user argument: String, at now: Date) throws(StoreError) -> [InspectedConnection] {
        try translating {
            let statement = try database.prepare(
                """
                SELECT rowid, user_id, expires_at, ifnull(access_token, '') <> '', refresh_token
                FROM oauth_tokens WHERE rowid = ?1
                """)
            return try UserID.candidates(for: argument).compactMap { userID in
                guard let rowID = try rowID(of: userID),
                    try statement.bind(.integer(rowID)).step()
                else { return nil }
                defer { statement.reset() }
                return try inspected(statement, at: now)
            }
        }
    }

    /// What else there is to show of a row; nil when it is gone.
    func details(of connection: InspectedConnection) throws(StoreError) -> ConnectionDetails? {
        try translating {
            let names = ["scope", "token_type", "created_at", "updated_at"].filter(
                table.columns.contains)
            let statement = try database.prepare(
                text: """
                    SELECT \((["access_token", "ifnull(length(refresh_token), 0)"] + names).joined(separator: ", "))
                    FROM oauth_tokens WHERE rowid = ?1
                    """
            ).bind(.integer(connection.rowID))
            defer { statement.reset() }
            guard try statement.step() else { return nil }
            return ConnectionDetails(
                accessToken: Secret(statement.text(0)),
                refreshTokenLength: Int(statement.integer(1)),
                columns: names.enumerated().map { ($1, statement.value(Int32($0) + 2)) },
                lastAttempt: try lastAttempt(of: connection))
        }
    }

    /// How many characters the longest identifier has.
    func longestUserID() throws(StoreError) -> Int {
        try translating {
            let statement = try database.prepare(
                "SELECT ifnull(max(length(user_id)), 0) FROM oauth_tokens WHERE provider = ?1"
            ).bind(.text(settings.provider))
            defer { statement.reset() }
            return try statement.step() ? Int(statement.integer(0)) : 0
        }
    }

    private func lastAttempt(
        of connection: InspectedConnection
    ) throws -> (verdict: String, at: Date)? {
        guard let userID = connection.userID else { return nil }
        let statement = try database.prepare(
            """
            SELECT verdict, last_attempt_at FROM maintain_teams_connections
            WHERE provider = ?1 AND user_id = ?2
            """
        ).bind(.text(connection.provider), SQLiteValue(userID))
        defer { statement.reset() }
        guard try statement.step(), let date = statement.date(1) else { return nil }
        return (statement.text(0), date)
    }

    /// No comparison finds NULL, so the first page has a query of its own.
    private func page(after last: InspectedConnection.Place?, limit: Int) throws -> Statement {
        guard let last, last.user != .null else {
            return try database.prepare(
                """
                SELECT rowid, user_id, expires_at, ifnull(access_token, '') <> '', refresh_token
                FROM oauth_tokens
                WHERE provider = ?1 AND (user_id IS NOT NULL OR rowid > ?2)
                ORDER BY user_id, rowid LIMIT ?3
                """
            ).bind(
                .text(settings.provider), .integer(last?.rowID ?? .min), .integer(Int64(limit)))
        }
        return try database.prepare(
            """
            SELECT rowid, user_id, expires_at, ifnull(access_token, '') <> '', refresh_token
            FROM oauth_tokens
            WHERE provider = ?1 AND (user_id, rowid) > (?2, ?3)
            ORDER BY user_id, rowid LIMIT ?4
            """
        ).bind(
            .text(settings.provider), last.user, .integer(last.rowID), .integer(Int64(limit)))
    }

    private func inspected(_ statement: Statement, at now: Date) throws -> InspectedConnection {
        let userID = UserID(statement.value(1))
        let expiry = statement.value(2)
        let refreshToken = Secret(statement.text(4))
        let history = try userID.map {
            try state(
                of: ConnectionID(userID: $0, provider: settings.provider),
                refreshToken: refreshToken, at: now)
        }
        return InspectedConnection(
            rowID: statement.integer(0), userID: userID, provider: settings.provider,
            storedExpiry: expiry, expiresAt: ExpiresAt(expiry, zone: settings.zone)?.date,
            hasAccessToken: statement.integer(3) != 0,
            hasRefreshToken: !refreshToken.isBlank,
            failure: history?.failure, lastRefreshedAt: history?.lastRefreshedAt,
            lastAttemptAt: history?.lastAttemptAt)
    }
}

extension InspectedConnection {
    /// Where a page ended.
    struct Place: Sendable {
        let user: SQLiteValue
        let rowID: Int64
    }
}

extension TokenStore {
    /// The access token of a user; nil when the row is gone.
    func accessToken(of userID: UserID) throws(StoreError) -> Secret? {
        guard let rowID = try translating({ try rowID(of: userID) }) else { return nil }
        return try accessToken(ofRow: rowID)
    }
}
