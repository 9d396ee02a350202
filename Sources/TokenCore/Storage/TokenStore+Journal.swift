/// The journal of passes, as it is read back.

internal import FoundationEssentials

/// One pass, as its journal row tells it.
struct JournalEntry: Sendable {
    let runID: String
    let startedAt: Date
    /// Nil while it runs, and when it was killed.
    let finishedAt: Date?
    let exitCode: Int32?
    /// The counts of the pass as JSON text; `"partial":true` is a pass over named users.
    let summary: String?

    /// What stands in the journal of a pass over named users from its beginning.
    static let partialSummary = #"{"partial":true}"#
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
    /// The last passes, newest first.
    func journal(limit: Int) throws(StoreError) -> [JournalEntry] {
        try translating {
            try entries(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes ORDER BY id DESC LIMIT ?1
                """, .integer(Int64(limit)))
        }
    }

    func wholePasses() throws(StoreError) -> WholePasses {
        try translating {
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
