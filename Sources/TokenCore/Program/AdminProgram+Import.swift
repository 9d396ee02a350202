/// `teams-token import`: connections of another system into the table, all or nothing.

internal import Glibc

extension AdminProgram {
    /// - Parameter file: nil or `-` is standard input.
    public func importConnections(from file: String?, replaces: Bool) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let place = try database(configuration)
            let found = ConnectionImport.parse(
                try input(file), provider: configuration.provider,
                zone: LocalTime(zone: configuration.databaseTimeZone))
            guard found.problems.isEmpty else { throw RunFailure(found.problems) }
            // Nothing of the database is touched before all lines are understood.
            let store = try openForWriting(configuration, place)
            let now = clock.now()
            let result = try await storeFailure {
                try await store.importAll(found.rows, replaces: replaces, at: now)
            }
            switch result {
            case .failure(let refusal): throw RunFailure(refusal.problems)
            case .success(let counts):
                tell(ImportText(found, counts, provider: configuration.provider))
                return .ok
            }
        }
    }

    private func input(_ file: String?) throws(RunFailure) -> [UInt8] {
        let path = file == "-" ? nil : file
        if path == nil, isatty(STDIN_FILENO) == 1 {
            console.error("reading from the terminal; end with Ctrl-D", .notice)
        }
        do throws(SystemError) { return try WholeInput.read(path) } catch {
            throw RunFailure(
                .usage, "\(error.description.sanitized())",
                hint: "name a file with the connections, or pipe them in")
        }
    }

}

/// What an import came to, in words.
private struct ImportText: CommandAnswer {
    private let found: ConnectionImport
    private let counts: ImportCounts
    private let provider: String

    init(_ found: ConnectionImport, _ counts: ImportCounts, provider: String) {
        self.found = found
        self.counts = counts
        self.provider = provider
    }

    private var skipped: Int { found.skipped.values.reduce(0, +) }

    var lines: [String] {
        let all = counts.inserted + counts.replaced
        let replaced = counts.replaced > 0 ? ", \(counts.replaced) of them replaced" : ""
        return ["imported \(all.counting("connection"))\(replaced)"]
    }

    var warnings: [String] {
        var warnings: [String] = []
        if skipped > 0 {
            warnings.append(
                "skipped \(skipped.counting("row")) of other providers than \(provider.sanitized(limit: 50)) (\(Self.list(found.skipped.keys.map { $0.sanitized(limit: 50) }))); --provider chooses"
            )
        }
        if !found.ignoredColumns.isEmpty {
            warnings.append("ignored what is no column here: \(Self.list(found.ignoredColumns))")
        }
        return warnings
    }

    var json: JSON {
        .members([
            ("imported", .count(counts.inserted + counts.replaced)),
            ("replaced", .count(counts.replaced)), ("skipped", .count(skipped)),
            ("ignored_columns", .array(found.ignoredColumns.sorted().map { .string($0) })),
            ("warnings", .array(warnings.map { .string($0) })),
        ])
    }

    private static let longestList = 10

    private static func list(_ names: some Collection<String>) -> String {
        let shown = names.sorted().prefix(longestList).joined(separator: ", ")
        let rest = names.count - longestList
        return rest > 0 ? "\(shown) and \(rest) more" : shown
    }
}

extension RunFailure {
    /// As many as somebody mends at once.
    private static let mostProblems = 20

    fileprivate init(_ problems: [ImportProblem]) {
        let lines = Set(problems.map(\.line)).count
        let rest = problems.count - Self.mostProblems
        self.init(
            .usage,
            "nothing was imported: \(lines.counting("line is", "lines are")) wrong",
            details: problems.prefix(Self.mostProblems).map(\.description)
                + (rest > 0 ? ["and \(rest) more"] : []),
            hint: problems.contains { $0 == .exists(line: $0.line) }
                ? "--replace overwrites the connections that are in the table already" : nil)
        // A line is a problem; the summary counts them and is none.
        messages = details
    }
}
