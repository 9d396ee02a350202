/// The journal of passes: written by the pass, read back for `history` and `health`.

internal import FoundationEssentials

/// One pass, as its journal row tells it.
struct JournalEntry: Sendable {
    let runID: String
    let startedAt: Date
    /// Nil while it runs, and when it was killed.
    let finishedAt: Date?
    let exitCode: Int32?
    /// The counts of the pass as JSON text; `"partial":true` is a pass over named users, `reason` why it ended
    /// for all of its connections.
    let summary: String?

    /// What stands in the journal of a pass over named users from its beginning.
    static let partialSummary = #"{"partial":true}"#

    fileprivate var isPartial: Bool { summary?.contains(#""partial":true"#) ?? false }
    fileprivate var isSuccess: Bool { exitCode == 0 || exitCode == 10 }
}

/// What the journal says of the scheduled job. Passes over named users are made by hand or by an
/// application, and say nothing about it.
struct WholePasses: Sendable {
    /// The last one that was begun, ended or not.
    var last: JournalEntry?
    /// The last one that came to its end.
    var lastFinished: JournalEntry?
    /// The last one that ended with 0 or 10: users who must sign in again are no failure of the job.
    var lastSuccess: JournalEntry?
    /// When the first was begun that the journal remembers.
    var firstStartedAt: Date?
}

extension TokenStore {
    /// Proves that the database can be written, before any refresh token is spent, by beginning the
    /// journal of this pass.
    /// - Parameter summary: What is known of it already; nil of a whole pass.
    /// - Throws: ``StoreError``.
    func beginPass(
        _ runID: String, at now: Date, summary: String? = nil
    ) throws(StoreError) {
        try writeJournal {
            try database.prepare(
                """
                INSERT INTO maintain_teams_passes (run_id, started_at, summary)
                VALUES (?1, ?2, ?3)
                """
            ).bind(
                .text(runID), .integer(now.wholeSeconds), summary.map { .text($0) } ?? .null
            ).run()
        }
        hasBegunPass = true
        // SQLite's own 1,000 pages would stop the saves for two syncs every few hundred of them.
        try translating { try database.setCheckpointSize(bytes: 32 << 20) }
    }

    /// Ends the journal of a pass, or writes all of it for a pass that had nothing to do.
    /// - Parameter summary: JSON for `teams-token history`, in one line.
    func endPass(
        _ runID: String, startedAt: Date, finishedAt: Date, exitCode: Int32, summary: String
    ) throws(StoreError) {
        let entry = JournalEntry(
            runID: runID, startedAt: startedAt, finishedAt: finishedAt, exitCode: exitCode,
            summary: summary)
        defer { hasBegunPass = false }
        if !hasBegunPass, idleJournal.note(entry) { return }
        // What is left in the log is copied by this last commit, not by the application's next one.
        try translating { try database.setCheckpointSize(bytes: 0) }
        try writeJournal {
            let update = try database.prepare(
                """
                UPDATE maintain_teams_passes SET finished_at = ?2, exit_code = ?3, summary = ?4
                WHERE run_id = ?1
                """)
            try update.bind(
                .text(runID), .integer(finishedAt.wholeSeconds), .integer(Int64(exitCode)),
                .text(summary)
            ).run()
            if database.changes == 0 { try insert(entry) }
            try forgetOldPasses()
        }
    }

    /// Takes over what idle passes have noted, in the same transaction, so that the order stays.
    private func writeJournal(_ body: () throws -> Void) throws(StoreError) {
        let idle = idleJournal.entries
        try translating {
            try database.transaction {
                for entry in idle { try insert(entry) }
                try body()
            }
        }
        idleJournal.discard()
    }

    /// Does nothing for one that is there: a run may have died before it discarded what it took over.
    private func insert(_ entry: JournalEntry) throws {
        try database.prepare(
            """
            INSERT INTO maintain_teams_passes (run_id, started_at, finished_at, exit_code, summary)
            SELECT ?1, ?2, ?3, ?4, ?5
            WHERE NOT EXISTS (SELECT 1 FROM maintain_teams_passes WHERE run_id = ?1)
            """
        ).bind(
            .text(entry.runID), .integer(entry.startedAt.wholeSeconds),
            entry.finishedAt.map { .integer($0.wholeSeconds) } ?? .null,
            entry.exitCode.map { .integer(Int64($0)) } ?? .null,
            entry.summary.map { .text($0) } ?? .null
        ).run()
    }

    /// The last passes, newest first.
    func journal(limit: Int) throws(StoreError) -> [JournalEntry] {
        // Before the table: what is taken over meanwhile is seen twice, not never.
        let idle = idleJournal.entries
        let kept = try translating {
            try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes ORDER BY id DESC LIMIT ?1
                """, .integer(Int64(limit)))
        }
        let known = Set(kept.map(\.runID))
        return Array((idle.filter { !known.contains($0.runID) }.reversed() + kept).prefix(limit))
    }

    func wholePasses() throws(StoreError) -> WholePasses {
        let notes = idleJournal.entries.filter { !$0.isPartial }
        var passes = try translating { try wholePassesOfTable() }
        // Notes that could not be discarded are older than what came after them.
        func newer(_ note: JournalEntry?, _ row: JournalEntry?) -> JournalEntry? {
            guard let note else { return row }
            return (row?.startedAt ?? .distantPast) > note.startedAt ? row : note
        }
        passes.last = newer(notes.last, passes.last)
        passes.lastFinished = newer(notes.last, passes.lastFinished)
        passes.lastSuccess = newer(notes.last(where: \.isSuccess), passes.lastSuccess)
        passes.firstStartedAt = passes.firstStartedAt ?? notes.first?.startedAt
        return passes
    }

    private func wholePassesOfTable() throws -> WholePasses {
        WholePasses(
            last: try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes
                WHERE ifnull(summary, '') NOT GLOB '*"partial":true*'
                ORDER BY id DESC LIMIT 1
                """
            ).first,
            lastFinished: try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes
                WHERE exit_code IS NOT NULL
                  AND ifnull(summary, '') NOT GLOB '*"partial":true*'
                ORDER BY id DESC LIMIT 1
                """
            ).first,
            lastSuccess: try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes
                WHERE exit_code IN (0, 10)
                  AND ifnull(summary, '') NOT GLOB '*"partial":true*'
                ORDER BY id DESC LIMIT 1
                """
            ).first,
            firstStartedAt: try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes
                WHERE ifnull(summary, '') NOT GLOB '*"partial":true*' ORDER BY id LIMIT 1
                """
            ).first?.startedAt)
    }

    /// Keeps the last 1000 passes, ten days at one each quarter of an hour. However many jobs ask for
    /// a token in between, the last whole pass and the last that succeeded stay.
    func forgetOldPasses() throws(SQLiteError) {
        try database.execute(
            """
            DELETE FROM maintain_teams_passes
            WHERE id <= (SELECT max(id) - 1000 FROM maintain_teams_passes)
              AND id <> ifnull((
                SELECT id FROM maintain_teams_passes
                WHERE exit_code IS NOT NULL AND ifnull(summary, '') NOT GLOB '*"partial":true*'
                ORDER BY id DESC LIMIT 1), 0)
              AND id <> ifnull((
                SELECT id FROM maintain_teams_passes
                WHERE exit_code IN (0, 10) AND ifnull(summary, '') NOT GLOB '*"partial":true*'
                ORDER BY id DESC LIMIT 1), 0)
            """)
    }

    private func entries(
        _ query: StaticString, _ values: SQLiteValue...
    ) throws -> [JournalEntry] {
        let statement = try database.prepare(query).bind(values)
        var entries: [JournalEntry] = []
        while try statement.step() {
            entries.append(
                JournalEntry(
                    runID: statement.text(0), startedAt: statement.date(1) ?? .distantPast,
                    finishedAt: statement.date(2),
                    exitCode: statement.isNull(3) ? nil : Int32(clamping: statement.integer(3)),
                    summary: statement.isNull(4) ? nil : statement.text(4)))
        }
        return entries
    }
}
