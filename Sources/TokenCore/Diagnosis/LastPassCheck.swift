/// How the last pass ended, where it failed for all connections: what made it fail may not show to whoever only
/// looks.

internal import FoundationEssentials

struct LastPassCheck {
    /// The last whole pass that came to its end.
    let last: JournalEntry?
    let now: Date

    var findings: [CheckupFinding] {
        guard let last, let end = last.finishedAt, let code = last.exitCode,
            let row = ExitStatus.row(ofCode: code),
            [.database, .permission, .config].contains(row.status)
        else { return [] }
        let ago = RelativeTime.words(seconds: max(0, now.timeIntervalSince(end)))
        let reason = last.reason.map { ": \($0.sanitized(limit: 300))" } ?? ""
        return [
            CheckupFinding(
                .passes, .problem(row.status),
                "the last pass, \(ago) ago, ended with \(row.name) (\(code))\(reason)",
                why: "nothing is refreshed until it is mended",
                remedy:
                    "run `maintain-teams` and do as it says; if it is mended, that pass ends well")
        ]
    }
}

extension JournalEntry {
    fileprivate var reason: String? {
        summary.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?.object?["reason"]?.string
    }
}
