/// Whose rows the table holds beside ours: none of ours and some of others is mostly a TEAMS_PROVIDER that
/// does not fit the table.

extension TokenStore {
    /// The first few names, in order. Reads the whole table.
    func otherProviders() throws(StoreError) -> [String] {
        try translating {
            let statement = try database.prepare(
                """
                SELECT DISTINCT provider FROM oauth_tokens
                WHERE provider IS NOT ?1 AND provider IS NOT NULL ORDER BY provider LIMIT 5
                """
            ).bind(.text(settings.provider))
            var providers: [String] = []
            while try statement.step() { providers.append(statement.text(0)) }
            return providers
        }
    }
}

/// In words.
struct OtherProviders: Equatable, Sendable {
    let ours: String
    let others: [String]

    private var names: String {
        others.map { $0.sanitized(limit: 50) }.joined(separator: ", ")
    }

    var seen: String {
        "no row has the provider \(ours.sanitized(limit: 50)); the table has rows of \(names)"
    }

    var remedy: String {
        "TEAMS_PROVIDER=\(others.first?.sanitized(limit: 50) ?? "") if those are the connections that are meant"
    }

    /// Whoever asks for a user of such a table.
    var sentence: String { "\(seen): set \(remedy)" }
}
