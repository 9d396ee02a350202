/// Group commit. Every save waits for its own durable commit, but those that arrive while one is being
/// written share the next; where several did, the next one waits a moment for more. A save is a
/// compare-and-swap on the refresh token that was sent, and always an UPDATE.

public import FoundationEssentials
internal import Synchronization

/// What became of a write.
public enum StoredResult: Equatable, Sendable {
    /// Durable on disk.
    case stored
    /// The row holds another refresh token by now, or is gone: it keeps what it became.
    case raced
}

typealias StoreCompletion = @Sendable (Result<StoredResult, StoreError>) -> Void

/// One change that waits for the next commit.
struct PendingWrite {
    let change: Change
    let completion: StoreCompletion

    enum Change: Sendable {
        case tokens(TokenSet, sent: SentToken, ConnectionID, rowID: Int64, at: Date)
        case failure(StandingFailure, Connection, at: Date)
    }

    /// What the row must still hold: the token itself, or its fingerprint from the spool.
    enum SentToken: Sendable {
        case token(Secret)
        case fingerprint(Fingerprint)
    }
}

extension TokenStore {
    /// Stores new tokens if the row still holds the refresh token that was sent, and clears the
    /// connection's failure.
    /// - Parameter completion: Called once, on the store's thread, which it must not hold for long: when the
    ///   tokens are durable on disk, or with why nothing was stored. The answer is then still in the spool.
    nonisolated func save(
        _ tokens: TokenSet, for connection: Connection, at now: Date,
        completion: @escaping StoreCompletion
    ) {
        let change = PendingWrite.Change.tokens(
            tokens, sent: .token(connection.refreshToken), connection.id, rowID: connection.rowID,
            at: now)
        commit(PendingWrite(change: change, completion: completion))
    }

    /// Stores an answer that an earlier process left in the spool, under the same rule.
    nonisolated func save(
        _ tokens: TokenSet, from record: Spool.Record, at now: Date,
        completion: @escaping StoreCompletion
    ) {
        let change = PendingWrite.Change.tokens(
            tokens, sent: .fingerprint(record.sent), record.connection, rowID: record.rowID, at: now
        )
        commit(PendingWrite(change: change, completion: completion))
    }

    /// Remembers a failure if the row still holds the refresh token that failed.
    public nonisolated func record(
        _ failure: StandingFailure, for connection: Connection, at now: Date
    ) async throws(StoreError) -> StoredResult {
        let change = PendingWrite.Change.failure(failure, connection, at: now)
        return try await waiting { commit(PendingWrite(change: change, completion: $0)) }
    }

    /// The refresh token that the row holds now; nil when the row is gone.
    public func currentRefreshToken(of connection: Connection) throws(StoreError) -> Secret? {
        try translating {
            try tokenRow(connection.rowID, connection.id).map { Secret($0.refreshToken) }
        }
    }

    /// For one who waits for a single write.
    nonisolated func waiting(
        for save: (@escaping StoreCompletion) -> Void
    ) async throws(StoreError) -> StoredResult {
        let result = await withCheckedContinuation { continuation in
            save { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The first of a group has it written after a moment; the one that makes it a quarter of the answers that
    /// have room has it written at once.
    private nonisolated func commit(_ write: PendingWrite) {
        let count = pending.withLock { pending in
            pending.append(write)
            return pending.count
        }
        if count == 1 {
            Task { await gatherAndFlush() }
        } else if count == max(2, answersWithRoom / 4) {
            Task { await flush() }
        }
    }

    private func gatherAndFlush() async {
        if savesComeTogether { try? await Task.sleep(for: gathering) }
        flush()
    }

    /// Long enough for fifty answers of a fast server, and little beside one request; when a quarter of the
    /// answers that have room are there, they are written at once. A rollback journal syncs four times a
    /// commit, a write-ahead log once. Where answers may wait while further requests are sent, a longer wait
    /// costs nobody anything.
    private var gathering: Duration {
        if writesAhead { return .milliseconds(5) }
        return .milliseconds(answersWithRoom > settings.concurrency ? 75 : 20)
    }

    private nonisolated var answersWithRoom: Int { Spool.slots(forRequests: settings.concurrency) }

    private func flush() {
        let group = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        // Another one took them.
        guard !group.isEmpty else { return }
        savesComeTogether = group.count > 1
        do {
            let results = try database.transaction { try group.map { try apply($0.change) } }
            for (write, result) in zip(group, results) {
                write.completion(.success(result))
            }
        } catch let error as SQLiteError where error.concernsOneRow && group.count > 1 {
            // A rule of the application's refuses one row; the others don't pay for it.
            for write in group { write.completion(commitAlone(write.change)) }
        } catch {
            let failure = failure(error)
            for write in group { write.completion(.failure(failure)) }
        }
    }

    private func commitAlone(_ change: PendingWrite.Change) -> Result<StoredResult, StoreError> {
        do { return .success(try database.transaction { try apply(change) }) } catch {
            return .failure(failure(error))
        }
    }

    private func apply(_ change: PendingWrite.Change) throws -> StoredResult {
        switch change {
        case .tokens(let tokens, let sent, let id, let rowID, let now):
            guard let row = try tokenRow(rowID, id), sent.matches(row.refreshToken) else {
                return .raced
            }
            try update(row, with: tokens, at: now)
            guard database.changes == 1 else { return .raced }
            try statements.putRefreshed.bind(
                .text(id.provider), SQLiteValue(id.userID), .integer(now.wholeSeconds)
            ).run()
            return .stored
        case .failure(let failure, let connection, let now):
            guard let row = try tokenRow(connection.rowID, connection.id),
                row.refreshToken == connection.refreshToken.exposed
            else { return .raced }
            let fingerprint = Fingerprint(
                refreshToken: connection.refreshToken, context: settings.context)
            try statements.putState.bind(
                .text(connection.id.provider), SQLiteValue(connection.id.userID),
                .text(failure.verdict.rawValue), .integer(Int64(failure.count)),
                SQLiteValue(failure.since), .integer(now.wholeSeconds),
                SQLiteValue(failure.nextAttemptAt), .blob(fingerprint.bytes),
                .text(failure.refusal.json)
            ).run()
            return .stored
        }
    }

    private struct TokenRow {
        let rowID: Int64
        let refreshToken: String
        /// As stored: a blob is no text to SQLite, and never equal to one.
        let storedRefreshToken: SQLiteValue
        let expiresAt: SQLiteValue
        let updatedAt: SQLiteValue
    }

    /// A connection's row, wherever it is by now: VACUUM may number the rows anew where the table has
    /// no INTEGER PRIMARY KEY.
    private func tokenRow(_ rowID: Int64, _ id: ConnectionID) throws -> TokenRow? {
        if let row = try tokenRow(at: rowID, id) { return row }
        return try self.rowID(of: id.userID, provider: id.provider).flatMap {
            try tokenRow(at: $0, id)
        }
    }

    private func tokenRow(at rowID: Int64, _ id: ConnectionID) throws -> TokenRow? {
        let statement = try statements.tokenRow.bind(
            .integer(rowID), .text(id.provider), SQLiteValue(id.userID))
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        // First as it is: reading it as text changes a blob in SQLite's hands.
        let stored = statement.value(0)
        let token = if case .text(let text) = stored { text } else { statement.text(0) }
        return TokenRow(
            rowID: rowID, refreshToken: token, storedRefreshToken: stored,
            expiresAt: statement.value(1), updatedAt: statement.value(2))
    }

    /// Times keep the form that the row has now.
    private func update(_ row: TokenRow, with tokens: TokenSet, at now: Date) throws {
        let zone = settings.zone
        let form = ExpiresAt(row.expiresAt, zone: zone) ?? .ordinary
        let touched = ExpiresAt(row.updatedAt, zone: zone) ?? .ordinary
        try statements.update.bind(
            .text(tokens.accessToken.exposed),
            tokens.refreshToken.map { .text($0.exposed) } ?? .null,
            form.value(for: tokens.expiresAt, zone: zone),
            tokens.tokenType.map { .text($0) } ?? .null,
            tokens.scope.map { .text($0) } ?? .null, touched.value(for: now, zone: zone),
            .integer(row.rowID), row.storedRefreshToken
        ).run()
    }
}

extension PendingWrite.SentToken {
    fileprivate func matches(_ current: String) -> Bool {
        switch self {
        case .token(let token): token.exposed == current
        case .fingerprint(let fingerprint): fingerprint == .ofToken(Secret(current))
        }
    }
}

extension ExpiresAt {
    /// What SQLite's own CURRENT_TIMESTAMP looks like.
    static let ordinary = ExpiresAt(
        date: .distantPast, form: .calendar(separator: " ", fractionDigits: 0, zone: .naive))
}
