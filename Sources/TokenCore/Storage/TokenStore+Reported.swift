/// What `--report change` has printed, from one pass to the next.

public import FoundationEssentials

extension TokenStore {
    /// - Returns: By problem, what was printed last and when.
    public func reportedProblems() throws(StoreError) -> [String: (detail: String, at: Date)] {
        try translating {
            let statement = try database.prepare(
                "SELECT problem, detail, reported_at FROM maintain_teams_reported")
            var found: [String: (detail: String, at: Date)] = [:]
            while try statement.step() {
                found[statement.text(0)] = (statement.text(1), statement.date(2) ?? .distantPast)
            }
            return found
        }
    }

    /// Replaces what is remembered.
    public func setReportedProblems(
        _ problems: [String: (detail: String, at: Date)]
    ) throws(StoreError) {
        try translating {
            try database.transaction {
                try database.execute("DELETE FROM maintain_teams_reported")
                let insert = try database.prepare(
                    "INSERT INTO maintain_teams_reported (problem, detail, reported_at) VALUES (?1, ?2, ?3)"
                )
                for (problem, told) in problems {
                    try insert.bind(.text(problem), .text(told.detail), SQLiteValue(told.at)).run()
                }
            }
        }
    }
}
