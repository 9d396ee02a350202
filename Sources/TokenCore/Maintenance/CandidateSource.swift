/// Which connections a pass looks at, and in which order: those that did not fail at their last attempt
/// first, then those that did, then those that wait for a person; each soonest expiry first.

internal import FoundationEssentials

/// One connection, and what its history says about trying it now.
enum Candidate: Sendable {
    case attempt(Connection)
    /// Stands failed and is not to be tried yet.
    case standing(Connection)
    case malformed(ConnectionID, rowID: Int64)
}

extension RowSet {
    /// Those of a page that came in no earlier one. A connection that fails is found by the later stages too, and
    /// one whose new token expires before the horizon stands further down in the order that is being read.
    mutating func unmet(of page: [Candidate]) -> [Candidate] {
        page.filter { candidate in
            switch candidate {
            case .attempt(let connection), .standing(let connection): insert(connection.rowID)
            case .malformed(_, let rowID): insert(rowID)
            }
        }
    }
}

struct CandidateSource: Sendable {
    /// What a pass was asked to look at.
    enum Selection: Sendable {
        /// All that is due at the horizon, and all that needs a person.
        case due
        /// The rows of users that somebody named; with `force` whether they are due or not.
        case named([SelectedRow], force: Bool)
    }

    private enum Stage: Equatable {
        case named
        case healthy
        case failing
        /// Rows that stand failed or can't be read, when the others have been counted.
        case blemished(ArraySlice<Int64>)
        case condemned
        case end
    }

    private let selection: Selection
    private let horizon: Date
    private var stage: Stage
    private var isStageOpen = false
    private var lastCondemned: UserID?

    init(_ selection: Selection, horizon: Date) {
        self.selection = selection
        self.horizon = horizon
        stage = if case .named = selection { .named } else { .healthy }
    }

    /// Counts what is due, was not met, and has nothing recorded against it, without reading its
    /// tokens: of a million rows that a stopped pass leaves behind nobody waits for more. What is to be
    /// looked at one by one is left for ``next(_:from:at:)``.
    mutating func skipUnblemished(
        in store: TokenStore, except met: RowSet
    ) async throws(StoreError) -> Int {
        guard stage == .healthy || stage == .failing else { return 0 }
        let unreached = try await store.countUnblemished(horizon: horizon, except: met)
        stage = .blemished(unreached.others[...])
        return unreached.count
    }

    /// The next candidates, among them some that came before: ``RowSet/unmet(of:)``.
    /// - Returns: nil at the end; an empty page is none.
    mutating func next(
        _ limit: Int, from store: TokenStore, at now: Date
    ) async throws(StoreError) -> [Candidate]? {
        switch stage {
        case .named:
            stage = .end
            guard case .named(let rows, let force) = selection else { return [] }
            var candidates: [Candidate] = []
            for var row in rows {
                // The spool of an earlier pass may have been stored since somebody named the row.
                if case .connection(let connection) = row,
                    let current = try await store.row(connection.rowID, at: now)
                {
                    row = current
                }
                if let candidate = named(row, force: force, at: now) {
                    candidates.append(candidate)
                }
            }
            return candidates
        case .healthy, .failing:
            if !isStageOpen {
                await store.selectDue(horizon: horizon)
                isStageOpen = true
            }
            guard let rows = try await store.nextDue(limit, at: now) else {
                stage = stage == .healthy ? .failing : .condemned
                isStageOpen = false
                return []
            }
            return rows.compactMap { stage == .healthy ? healthy($0) : failing($0, at: now) }
        case .blemished(let rows):
            stage = rows.isEmpty ? .condemned : .blemished(rows.dropFirst(limit))
            var candidates: [Candidate] = []
            for rowID in rows.prefix(limit) {
                guard let row = try await store.row(rowID, at: now) else { continue }
                if let candidate = healthy(row) ?? failing(row, at: now) {
                    candidates.append(candidate)
                }
            }
            return candidates
        case .condemned:
            let page = try await store.condemned(after: lastCondemned, limit: limit, at: now)
            guard let last = page.last else {
                stage = .end
                return []
            }
            lastCondemned = last
            return page.connections.map { judged($0, at: now) }
        case .end: return nil
        }
    }

    private func named(_ row: SelectedRow, force: Bool, at now: Date) -> Candidate? {
        switch row {
        case .noRefreshToken: return nil
        case .malformed(let id, let rowID): return .malformed(id, rowID: rowID)
        case .connection(let connection):
            if force { return .attempt(connection) }
            guard connection.expiresAt <= horizon || connection.failure?.needsPerson == true
            else { return nil }
            return judged(connection, at: now)
        }
    }

    private func healthy(_ row: SelectedRow) -> Candidate? {
        switch row {
        // The application may have refreshed it since its page was read.
        case .connection(let connection)
        where connection.failure == nil && connection.expiresAt <= horizon: .attempt(connection)
        case .malformed(let id, let rowID): .malformed(id, rowID: rowID)
        case .connection, .noRefreshToken: nil
        }
    }

    private func failing(_ row: SelectedRow, at now: Date) -> Candidate? {
        guard case .connection(let connection) = row, let failure = connection.failure,
            !failure.needsPerson, connection.expiresAt <= horizon
        else { return nil }
        return judged(connection, at: now)
    }

    private func judged(_ connection: Connection, at now: Date) -> Candidate {
        connection.failure?.isBackingOff(at: now) == true
            ? .standing(connection) : .attempt(connection)
    }
}
