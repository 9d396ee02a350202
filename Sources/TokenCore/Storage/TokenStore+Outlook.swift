/// What a monitor asks of the table: answered from the indexes, whatever the size of the table.

internal import FoundationEssentials

/// The access tokens that are lost, and those that will be, of connections that need no person.
struct TokenOutlook: Equatable, Sendable {
    /// Have expired already.
    var expired = 0
    /// Expire before the next pass.
    var expiring = 0
    /// Whether there may be more of both than were counted.
    var isCut = false
    /// When the next one dies, or the first one died.
    var earliestExpiry: Date?
}

extension TokenStore {
    /// - Parameters:
    ///   - nextPass: When the next pass is expected.
    ///   - limit: How many to count: a job that has been dead for weeks leaves nothing else.
    func outlook(
        nextPass: Date, limit: Int = 10_000, at now: Date
    ) throws(StoreError) -> TokenOutlook {
        try translating {
            let ranges = DueRanges(
                horizon: nextPass, zone: settings.zone, keepsNumbers: table.keepsNumbers)
            var selection = DueSelection(
                ranges, horizon: nextPass, provider: settings.provider, zone: settings.zone)
            var outlook = TokenOutlook()
            while !outlook.isCut {
                let rows = try selection.next(256, statements: statements.due)
                if rows.isEmpty { break }
                for row in rows {
                    guard case .connection(let connection) = try load(rowID: row.rowID, at: now),
                        connection.failure?.needsPerson != true
                    else { continue }
                    if connection.expiresAt <= now {
                        outlook.expired += 1
                    } else if connection.expiresAt <= nextPass {
                        outlook.expiring += 1
                    } else {
                        // Another program has refreshed it meanwhile.
                        continue
                    }
                    outlook.earliestExpiry = min(
                        outlook.earliestExpiry ?? .distantFuture, connection.expiresAt)
                }
                outlook.isCut = outlook.expired + outlook.expiring >= limit
            }
            if outlook.earliestExpiry == nil {
                outlook.earliestExpiry = try deadlines(at: now).earliestExpiry
            }
            return outlook
        }
    }

    /// How many connections need a person.
    func countCondemned(at now: Date) throws(StoreError) -> Int {
        var (count, last): (Int, UserID?) = (0, nil)
        repeat {
            let page = try condemned(after: last, limit: 1000, at: now)
            count += page.connections.count
            last = page.last
        } while last != nil
        return count
    }
}
