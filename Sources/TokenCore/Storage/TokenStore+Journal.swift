/// The journal of passes, as it is read back.

internal import FoundationEssentials

/// One pass, as its journal row tells it.
struct JournalEntry: Sendable {
    let runID: String
    let startedAt: Date
    /// Nil while it runs, and when it was killed.
    let finishedAt: Date?
    let exitCode: Int32?
    /// The counts of the pass as JSON text.
    let summary: String?
}

extension TokenStore {
    /// The last passes, newest first.
    func journal(limit: Int) throws(StoreError) -> [JournalEntry] {
        try translating {
            let statement = try database.prepare(
                """
                SELECT run_id, started_at, finished_at, exit_code, summary
                FROM maintain_teams_passes ORDER BY id DESC LIMIT ?1
                """
            ).bind(.integer(Int64(limit)))
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
}
