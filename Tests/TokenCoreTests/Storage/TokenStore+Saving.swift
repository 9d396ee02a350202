/// The store's writes for tests, which wait for one at a time.

import FoundationEssentials

@testable import TokenCore

extension TokenStore {
    nonisolated func save(
        _ tokens: TokenSet, for connection: Connection, at now: Date
    ) async throws(StoreError) -> StoredResult {
        try await waiting { save(tokens, for: connection, at: now, completion: $0) }
    }

    nonisolated func save(
        _ tokens: TokenSet, from record: Spool.Record, at now: Date
    ) async throws(StoreError) -> StoredResult {
        try await waiting { save(tokens, from: record, at: now, completion: $0) }
    }
}
