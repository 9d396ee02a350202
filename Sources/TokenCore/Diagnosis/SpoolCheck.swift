/// Received tokens that are not in the database.

struct SpoolCheck {
    /// Where the spool lies.
    let path: String
    /// Whether a pass is under way, whose answers lie there for a moment.
    let isInUse: Bool
    /// Answers that a pass makes room for.
    let slots: Int

    var findings: [CheckupFinding] { contents + room }

    private var room: [CheckupFinding] {
        let directory = FilePaths.directory(of: path)
        let needed = slots * Spool.slotSize
        // A pass that is under way has its room.
        guard !isInUse, let free = FilePaths.freeSpace(directory), free < needed else { return [] }
        return [
            CheckupFinding(
                .spool, .warning,
                "\(directory.sanitized()) has \(free >> 10) KiB free, and a pass makes room for "
                    + "\(slots.counting("answer")), \(needed >> 10) KiB",
                why: "every pass ends with DATABASE (74) before a token is spent",
                remedy: "free space there, or lower TEAMS_CONCURRENCY")
        ]
    }

    private var contents: [CheckupFinding] {
        let refused = Spool.refusedPath(path)
        do throws(StoreError) {
            let (waiting, kept) = (
                try Spool.leftovers(at: path).count, try Spool.leftovers(at: refused).count
            )
            var findings: [CheckupFinding] = []
            if kept > 0 {
                findings.append(
                    CheckupFinding(
                        .spool, .problem(.database),
                        "\(Self.answers(kept)) in \(refused.sanitized()): a rule of the table refuses them",
                        why: "every pass ends with DATABASE (74), and these users are left alone",
                        remedy:
                            "`maintain-teams` names the rule; mend it, and never delete the file"))
            }
            if waiting > 0 {
                findings.append(
                    isInUse
                        ? CheckupFinding(
                            .spool, .note, "\(Self.answers(waiting)): a pass is under way")
                        : CheckupFinding(
                            .spool, .warning, "\(Self.answers(waiting)) in \(path.sanitized())",
                            why: "it may be the only copy of these users' tokens",
                            remedy:
                                "run `maintain-teams`, which stores them first; never delete the file"
                        ))
            }
            return findings.isEmpty
                ? [CheckupFinding(.spool, .ok, "nothing is left over")] : findings
        } catch {
            return [
                CheckupFinding(
                    .spool, .problem(error.kind == .permission ? .permission : .database),
                    error.message.sanitized(), why: "every pass ends before a token is spent",
                    remedy: error.hint?.sanitized(limit: 500)
                        ?? "give \(path.sanitized()) the owner, group and mode of the database")
            ]
        }
    }

    private static func answers(_ count: Int) -> String {
        count == 1 ? "1 received answer" : "\(count) received answers"
    }
}
