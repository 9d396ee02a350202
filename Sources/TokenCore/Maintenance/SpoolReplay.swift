/// Stores what an earlier process received and could not store any more, before anything else is
/// refreshed. The compare-and-swap decides: a row that has moved on keeps what it became.
///
/// Answers that a rule of the table refuses (a CHECK, a trigger) are kept in a file of their own and
/// tried again by every pass. Until they are stored their connections are left alone: the token that
/// the row holds was spent, and sending it again would condemn a user who has nothing to mend.

internal import FoundationEssentials

enum SpoolReplay {
    struct Result: Equatable, Sendable {
        /// Answers stored; those that were in the table already, or whose rows have moved on, are not
        /// among them.
        var stored = 0
        /// Whose tokens the table refuses.
        var refused: Set<ConnectionID> = []
        /// Why it does, for the first of them.
        var refusal: StoreError?
        /// Where they are kept.
        var keptAt: String
    }

    /// - Parameter database: Whose owner and mode the kept file takes.
    /// - Throws: ``StoreError``: the spool is kept for the next attempt.
    static func run(
        spoolPath: String, like database: FileStatus, store: TokenStore, now: Date
    ) async throws(StoreError) -> Result {
        var result = Result(keptAt: Spool.refusedPath(spoolPath))
        let kept = try Spool.leftovers(at: result.keptAt)
        let fresh = try Spool.leftovers(at: spoolPath)
        var refused: [Spool.Record] = []
        // A death between keeping and discarding leaves an answer in both.
        let records = kept + fresh.filter { !kept.contains($0) }
        for (record, outcome) in await storeAll(records, in: store, at: now) {
            switch outcome {
            case .success(.stored): result.stored += 1
            case .success(.raced): break
            case .failure(let error):
                // One row's trouble must not hold up all others, now and in every pass to come.
                guard error.kind == .row else { throw error }
                result.refusal = result.refusal ?? error.naming(record.connection)
                result.refused.insert(record.connection)
                refused.append(record)
            }
        }
        do throws(SystemError) {
            if refused.isEmpty {
                Spool.discard(at: result.keptAt)
            } else if refused != kept {
                try Spool.keep(refused, at: result.keptAt, like: database)
            }
        } catch {
            throw StoreError(error)
        }
        if !fresh.isEmpty { Spool.discard(at: spoolPath) }
        return result
    }

    /// All at once, so that they share their commits: a spool may hold two thousand.
    /// - Returns: Each with what became of it, in their order; without those that are no answers.
    private static func storeAll(
        _ records: [Spool.Record], in store: TokenStore, at now: Date
    ) async -> [(Spool.Record, Swift.Result<StoredResult, StoreError>)] {
        let mailbox = Mailbox<(index: Int, Swift.Result<StoredResult, StoreError>)>()
        var outcomes: [Int: Swift.Result<StoredResult, StoreError>] = [:]
        var open = 0
        for (index, record) in records.enumerated() {
            // Only complete answers are spooled; what can't be read was no token response.
            guard
                let tokens = try? TokenResponse.decode(
                    record.body, requestedAt: record.requestedAt)
            else { continue }
            open += 1
            store.save(tokens, from: record, at: now) { mailbox.post((index, $0)) }
        }
        while outcomes.count < open {
            for (index, outcome) in await mailbox.next() { outcomes[index] = outcome }
        }
        return records.enumerated().compactMap { index, record in
            outcomes[index].map { (record, $0) }
        }
    }
}

extension SpoolReplay.Result {
    var warnings: [String] {
        var warnings: [String] = []
        if stored > 0 {
            warnings.append(
                "stored \(stored.counting("token")) that an earlier run had received and not stored"
            )
        }
        if !refused.isEmpty {
            warnings.append(
                "a rule of the table refuses tokens that were received: they are kept in \(keptAt), "
                    + "and every pass tries them again")
        }
        return warnings
    }
}
