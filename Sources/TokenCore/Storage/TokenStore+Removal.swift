/// A connection taken out of the table, so that its tokens are not left behind in the file.

extension TokenStore {
    /// What became of a removal.
    struct Removal: Equatable, Sendable {
        /// Those that were there.
        let removed: [ConnectionID]
        /// Whether the write-ahead log may still hold the tokens, since somebody is reading.
        let logKeepsTokens: Bool
    }

    /// Removes rows and all that is remembered of them, in one transaction. A pass under way finds its row
    /// gone and stores nothing.
    /// - Throws: ``StoreError``: nothing was removed.
    func remove(_ connections: [ConnectionID]) throws(StoreError) -> Removal {
        try translating {
            // Overwrites what was in the row with zeros (sqlite.org/pragma.html#pragma_secure_delete).
            try database.execute("PRAGMA secure_delete = ON")
            let removed = try database.transaction {
                try connections.filter { try remove($0) }
            }
            return Removal(removed: removed, logKeepsTokens: try !emptyLog())
        }
    }

    private func remove(_ id: ConnectionID) throws -> Bool {
        let row = try rowID(of: id.userID, provider: id.provider)
        if let row {
            try database.prepare("DELETE FROM oauth_tokens WHERE rowid = ?1").bind(.integer(row))
                .run()
        }
        for statement in [
            try database.prepare(
                "DELETE FROM maintain_teams_connections WHERE provider = ?1 AND user_id = ?2"),
            try database.prepare(
                "DELETE FROM maintain_teams_accounts WHERE provider = ?1 AND user_id = ?2"),
        ] {
            try statement.bind(.text(id.provider), SQLiteValue(id.userID)).run()
        }
        return row != nil
    }

    /// Moves the write-ahead log into the file and empties it: it holds the pages as they were.
    /// - Returns: Whether that could be done; true also where there is no such log.
    private func emptyLog() throws -> Bool {
        // Somebody who reads for long is not waited for.
        try database.execute("PRAGMA busy_timeout = 2000")
        let checkpoint = try database.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
        defer { checkpoint.reset() }
        return try checkpoint.step() && checkpoint.integer(0) == 0
    }
}
