/// All connections of an import in one transaction, or none.

internal import FoundationEssentials

/// How many connections an import stored.
struct ImportCounts: Equatable, Sendable {
    var inserted = 0
    var replaced = 0
}

extension TokenStore {
    /// - Parameter replaces: Whether a connection that is there already may be replaced.
    /// - Returns: What was stored, or why nothing was: every line that the table would not take.
    func importAll(
        _ rows: [(line: Int, enrolment: Enrolment)], replaces: Bool, at now: Date
    ) throws(StoreError) -> Result<ImportCounts, ImportRefusal> {
        do {
            return .success(
                try database.transaction { try write(rows, replaces: replaces, at: now) })
        } catch let refusal as ImportRefusal {
            return .failure(refusal)
        } catch {
            throw .wrapping(error)
        }
    }

    private func write(
        _ rows: [(line: Int, enrolment: Enrolment)], replaces: Bool, at now: Date
    ) throws -> ImportCounts {
        var writer = try EnrolmentWriter(database, table: table, zone: settings.zone)
        var counts = ImportCounts()
        var problems: [ImportProblem] = []
        var lines: [Int64: Int] = [:]
        for (line, enrolment) in rows {
            let rowID = try writer.rowID(of: enrolment)
            if let rowID {
                // Two spellings of one user, where the column's type makes them equal.
                if let first = lines[rowID] {
                    problems.append(.duplicate(line: line, first: first))
                    continue
                }
                guard replaces else {
                    problems.append(.exists(line: line))
                    continue
                }
            }
            do throws(SQLiteError) {
                let written = try writer.write(enrolment, over: rowID, at: now)
                lines[written.rowID] = line
                if let problem = problem(written.row, enrolment, line: line) {
                    problems.append(problem)
                }
                counts.inserted += written.row.isNew ? 1 : 0
                counts.replaced += written.row.isNew ? 0 : 1
            } catch {
                guard error.concernsOneRow else { throw error }
                problems.append(
                    ImportProblem(line: line, "a rule of the table refuses it: \(error.message)"))
                // A rule may end the whole transaction, and then nothing more must be written.
                guard database.isInTransaction else { break }
            }
        }
        guard problems.isEmpty else { throw ImportRefusal(problems: problems) }
        return counts
    }

    /// A column's type may make something else of a value.
    private func problem(
        _ row: EnrolledRow, _ enrolment: Enrolment, line: Int
    ) -> ImportProblem? {
        if row.userID?.description != enrolment.userID.description {
            return ImportProblem(
                line: line, column: .userID,
                "the type of the table's column changes it; write it as the column would")
        }
        if ExpiresAt(row.expiresAt, zone: settings.zone) == nil {
            return ImportProblem(
                line: line, column: .expiresAt,
                "the type of the table's column makes it unreadable; write it as 1970-01-01 00:00:00"
            )
        }
        return nil
    }
}

/// The lines that the table would not take.
struct ImportRefusal: Error, Equatable, Sendable {
    let problems: [ImportProblem]
}
