/// What a check-up asks of the table: it reads all of it, a page at a time, with no transaction in between.

internal import FoundationEssentials

/// The table as a whole.
struct TableFacts: Sendable {
    var journalMode = ""
    var hasExpiryIndex = false
    /// Whether a unique index finds the row of a user.
    var hasUserIndex = false
    var connections = 0
    /// Whose rows there are where there is none of ours.
    var otherProviders: [String] = []
    var withoutRefreshToken = 0
    var malformed = 0
    /// A user whose row is malformed.
    var malformedUser: String?
    /// Times with another offset than `Z`.
    var displaced = 0
    /// Users with more than one row.
    var duplicates = 0
}

/// A row as evidence of the zone that the application writes its times in.
struct TimeSample: Sendable {
    /// As the settings read it.
    let expiresAt: Date
    let accessToken: Secret
    /// As the settings read it; nil where there is none.
    let updatedAt: Date?
    /// Whether this program has written it, in the zone of the settings.
    let isOurs: Bool
}

extension TokenStore {
    func tableFacts() throws(StoreError) -> TableFacts {
        try translating {
            var facts = TableFacts()
            let mode = try database.prepare("PRAGMA journal_mode")
            if try mode.step() { facts.journalMode = mode.text(0) }
            mode.reset()
            facts.hasExpiryIndex = table.hasExpiryIndex
            facts.hasUserIndex = try hasUserIndex()
            try countRows(&facts)
            if facts.connections == 0 { facts.otherProviders = try otherProviders() }
            if !facts.hasUserIndex { facts.duplicates = try duplicates() }
            return facts
        }
    }

    private func hasUserIndex() throws -> Bool {
        let indexes = try database.prepare(
            """
            SELECT group_concat(lower(part.name)) FROM pragma_index_list('oauth_tokens') AS list
            JOIN pragma_index_info(list.name) AS part
            WHERE list."unique" AND NOT list.partial GROUP BY list.name
            """)
        defer { indexes.reset() }
        while try indexes.step() {
            let columns = Set(indexes.text(0).split(separator: ",").map(String.init))
            if columns.isSubset(of: ["user_id", "provider"]), columns.contains("user_id") {
                return true
            }
        }
        return false
    }

    private func countRows(_ facts: inout TableFacts) throws {
        let page = try database.prepare(
            """
            SELECT rowid, user_id, expires_at,
                   trim(ifnull(refresh_token, ''), ' ' || char(9, 10, 11, 12, 13)) = ''
            FROM oauth_tokens WHERE rowid > ?1 AND provider = ?2 ORDER BY rowid LIMIT 4096
            """)
        var last = Int64.min
        var isLast = false
        while !isLast {
            try page.bind(.integer(last), .text(settings.provider))
            isLast = true
            while try page.step() {
                isLast = false
                last = page.integer(0)
                facts.connections += 1
                if page.integer(3) != 0 { facts.withoutRefreshToken += 1 }
                guard let userID = UserID(page.value(1)) else {
                    facts.malformed += 1
                    continue
                }
                switch ExpiresAt(page.value(2), zone: settings.zone)?.form {
                case nil:
                    facts.malformed += 1
                    facts.malformedUser = facts.malformedUser ?? userID.description
                case .calendar(_, _, .offset): facts.displaced += 1
                default: break
                }
            }
        }
    }

    private func duplicates() throws -> Int {
        let statement = try database.prepare(
            """
            SELECT count(*) FROM (
              SELECT 1 FROM oauth_tokens WHERE provider = ?1
              GROUP BY user_id, typeof(user_id) HAVING count(*) > 1)
            """
        ).bind(.text(settings.provider))
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// The newest rows whose time names no zone.
    func timeSamples(limit: Int = 1000) throws(StoreError) -> [TimeSample] {
        try translating {
            let updatedAt = table.hasUpdatedAt ? "t.updated_at" : "NULL"
            let statement = try database.prepare(
                text: """
                    SELECT t.expires_at, t.access_token, \(updatedAt),
                           c.last_refreshed_at IS NOT NULL
                    FROM oauth_tokens AS t \(StateSchema.joinedState)
                    WHERE t.provider = ?1 ORDER BY t.rowid DESC LIMIT ?2
                    """
            ).bind(.text(settings.provider), .integer(Int64(limit)))
            var samples: [TimeSample] = []
            while try statement.step() {
                guard let read = ExpiresAt(statement.value(0), zone: settings.zone),
                    case .calendar(_, _, .naive) = read.form
                else { continue }
                samples.append(
                    TimeSample(
                        expiresAt: read.date, accessToken: Secret(statement.text(1)),
                        updatedAt: ExpiresAt(statement.value(2), zone: settings.zone)?.date,
                        isOurs: statement.integer(3) != 0))
            }
            return samples
        }
    }
}
