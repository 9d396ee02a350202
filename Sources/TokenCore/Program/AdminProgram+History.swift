/// `teams-token history`: what the journal remembers of the last passes.

internal import FoundationEssentials

extension AdminProgram {
    /// - Parameter limit: How many passes at most, the newest first.
    public func history(limit: Int) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let store = try openForReading(configuration)
            let entries = try await storeFailure { try await store.journal(limit: limit) }
            let passes = entries.map(JournalText.init)
            if invocation.json {
                console.out(JSON.members([("passes", .array(passes.map(\.json)))]).line)
            } else if passes.isEmpty {
                console.out("no pass yet")
            } else {
                let table = TextTable(
                    JournalText.columns, sizedFor: passes.map(\.cells), width: console.outColumns)
                let style = console.style
                let lines = passes.map { pass in
                    table.line(pass.cells) { $0 == 2 ? pass.painted($1, style) : $1 }
                }
                console.out(([style.bold(table.header)] + lines).joined(separator: "\n"))
            }
            return .ok
        }
    }
}

/// A pass in a line of the table and in JSON.
private struct JournalText {
    let entry: JournalEntry
    /// In the order of the run document; names that this program does not know come last.
    let counts: [(name: String, count: Int?)]
    /// Whether it was about named users only.
    let isPartial: Bool
    let reason: String?

    init(_ entry: JournalEntry) {
        self.entry = entry
        var found =
            entry.summary.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?.object ?? [:]
        isPartial = found.removeValue(forKey: "partial") == .bool(true)
        reason = found.removeValue(forKey: "reason")?.string
        let known = PassCounts().named.map(\.0)
        let names =
            known.filter { found[$0] != nil } + found.keys.filter { !known.contains($0) }.sorted()
        counts = names.map { ($0, found[$0]?.numeral.flatMap { Int($0) }) }
    }

    static let columns = [
        TextTable.Column(title: "STARTED"), TextTable.Column(title: "TOOK", isDispensable: true),
        TextTable.Column(title: "RESULT"), TextTable.Column(title: "REFRESHED"),
        TextTable.Column(title: "OTHERS", minimum: 6),
    ]

    var cells: [String] {
        [
            entry.startedAt.rfc3339, took.map { RelativeTime.words(seconds: max(0, $0)) } ?? "-",
            result, counts.isEmpty ? "-" : "\(count("refreshed")) of \(count("due"))", others,
        ]
    }

    func painted(_ text: String, _ style: TextStyle) -> String {
        guard let code = entry.exitCode else { return style.yellow(text) }
        if code == ExitStatus.ok.code { return style.green(text) }
        // What is no alarm to Nagios is none here.
        let isMild = ExitStatus.row(ofCode: code).map { $0.nagios <= 1 } ?? false
        return isMild ? style.yellow(text) : style.red(text)
    }

    private var took: Double? { entry.finishedAt?.timeIntervalSince(entry.startedAt) }

    /// Still running, or killed: nobody wrote its end.
    private var result: String {
        entry.exitCode.map { "\(ExitStatus.name(ofCode: $0)) (\($0))" } ?? "unfinished"
    }

    private func count(_ name: String) -> Int {
        counts.first { $0.name == name }?.count ?? 0
    }

    /// What became of those that were not refreshed.
    private var others: String {
        let quiet: Set = [
            "connections", "fresh", "due", "refreshed", "no_refresh_token", "at_risk",
        ]
        let named = isPartial ? ["named users only"] : []
        let parts =
            named
            + counts.compactMap { name, count -> String? in
                guard let count, count > 0, !quiet.contains(name) else { return nil }
                return "\(count) \(name.sanitized(limit: 64))"
            }
        let words = parts + (reason.map { [$0.sanitized(limit: 300)] } ?? [])
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }

    var json: JSON {
        .members([
            ("run_id", .string(entry.runID)), ("started_at", .time(entry.startedAt)),
            ("finished_at", .time(entry.finishedAt)),
            ("duration_seconds", took.map { .integer(Int64($0)) } ?? .null),
            ("exit_code", entry.exitCode.map { .integer(Int64($0)) } ?? .null),
            ("result", .text(entry.exitCode.map(ExitStatus.result))),
            ("partial", .bool(isPartial)), ("reason", .text(reason)),
            (
                "counts",
                counts.isEmpty
                    ? .null
                    : .members(counts.map { ($0.name, $0.count.map { .count($0) } ?? .null) })
            ),
        ])
    }
}
