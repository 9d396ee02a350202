/// The two times that matter most to whoever watches the whole table.

public import FoundationEssentials

extension TokenStore {
    public struct Deadlines: Equatable, Sendable {
        /// When the next access token dies, of those connections that need no person.
        public var earliestExpiry: Date?
        /// The longest time ago that one of them was refreshed; of those that this program has
        /// refreshed. Microsoft lets refresh tokens lapse that nobody uses for 90 days.
        public var oldestRefresh: Date?
    }

    public func deadlines(at now: Date) throws(StoreError) -> Deadlines {
        try translating {
            Deadlines(
                earliestExpiry: try earliestExpiry(at: now), oldestRefresh: try oldestRefresh())
        }
    }

    /// Looks a little ahead, then further: a horizon far away would mean to search the whole table for
    /// each form that a time may have.
    private func earliestExpiry(at now: Date) throws -> Date? {
        var ahead = 2400.0
        while ahead < 10 * 365 * 86_400 {
            if let earliest = try earliestExpiry(upTo: now + ahead, at: now) { return earliest }
            ahead *= 4
        }
        return nil
    }

    /// Reads from the soonest on until a whole page has been looked at: rows whose offset hides their
    /// time from the index stand a few hours from their place.
    private func earliestExpiry(upTo horizon: Date, at now: Date) throws -> Date? {
        let ranges = DueRanges(
            horizon: horizon, zone: settings.zone, keepsNumbers: table.keepsNumbers)
        var selection = DueSelection(
            ranges, horizon: horizon, provider: settings.provider, zone: settings.zone)
        while true {
            let rows = try selection.next(256, statements: statements.due)
            if rows.isEmpty { return nil }
            var earliest: Date?
            for row in rows {
                if let earliest, let expiresAt = row.expiresAt, expiresAt >= earliest { continue }
                guard case .connection(let connection) = try load(rowID: row.rowID, at: now),
                    connection.failure?.needsPerson != true
                else { continue }
                earliest = min(earliest ?? .distantFuture, connection.expiresAt)
            }
            if let earliest { return earliest }
        }
    }

    private func oldestRefresh() throws -> Date? {
        let statement = try database.prepare(
            """
            SELECT min(last_refreshed_at) FROM maintain_teams_connections
            WHERE provider = ?1 AND verdict NOT IN ('reauth_required', 'consent_required')
            """
        ).bind(.text(settings.provider))
        defer { statement.reset() }
        return try statement.step() ? statement.date(0) : nil
    }
}
