/// Stores what an earlier process received and could not store any more, before anything else is
/// refreshed. The compare-and-swap decides: a row that has moved on keeps what it became.

public import FoundationEssentials

public enum SpoolReplay {
    /// - Returns: How many answers were stored; those that were in the table already, or whose rows
    ///   have moved on, are not among them.
    /// - Throws: ``StoreError``: the spool is kept for the next attempt.
    public static func run(
        spoolPath: String, store: TokenStore, now: Date
    ) async throws(StoreError) -> Int {
        let records: [Spool.Record]
        do throws(SystemError) { records = try Spool.leftovers(at: spoolPath) } catch {
            throw StoreError(error)
        }
        var stored = 0
        for record in records {
            // Only complete answers are spooled; what can't be read was no token response.
            guard
                let tokens = try? TokenResponse.decode(
                    record.body, requestedAt: record.requestedAt)
            else { continue }
            if try await store.save(tokens, from: record, at: now) == .stored { stored += 1 }
        }
        if !records.isEmpty { Spool.discard(at: spoolPath) }
        return stored
    }
}
