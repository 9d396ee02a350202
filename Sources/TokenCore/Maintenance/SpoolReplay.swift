/// Stores what an earlier process received and could not store any more, before anything else is
/// refreshed. The compare-and-swap decides: a row that has moved on keeps what it became.

public import FoundationEssentials

public enum SpoolReplay {
    public struct Result: Equatable, Sendable {
        /// Answers stored; those that were in the table already, or whose rows have moved on, are not
        /// among them.
        public var stored = 0
        /// Where answers were put aside that a rule of the table refuses.
        public var setAside: String?
    }

    /// - Throws: ``StoreError``: the spool is kept for the next attempt.
    public static func run(
        spoolPath: String, store: TokenStore, now: Date
    ) async throws(StoreError) -> Result {
        let records = try Spool.leftovers(at: spoolPath)
        var result = Result()
        var isRefused = false
        for record in records {
            // Only complete answers are spooled; what can't be read was no token response.
            guard
                let tokens = try? TokenResponse.decode(
                    record.body, requestedAt: record.requestedAt)
            else { continue }
            do throws(StoreError) {
                let outcome = try await store.save(tokens, from: record, at: now)
                if outcome == .stored { result.stored += 1 }
            } catch {
                // One row's trouble must not hold up all others, now and in every pass to come.
                guard error.kind == .row else { throw error }
                isRefused = true
            }
        }
        if isRefused {
            do throws(SystemError) { result.setAside = try Spool.setAside(at: spoolPath) } catch {
                throw StoreError(error)
            }
        } else if !records.isEmpty {
            Spool.discard(at: spoolPath)
        }
        return result
    }
}

extension SpoolReplay.Result {
    var warnings: [String] {
        var warnings: [String] = []
        if stored > 0 {
            let tokens = stored == 1 ? "token" : "tokens"
            warnings.append(
                "stored \(stored) \(tokens) that an earlier run had received and not stored")
        }
        if let setAside {
            warnings.append(
                "a rule of the table refuses tokens that were received: they are kept in \(setAside)"
            )
        }
        return warnings
    }
}
