/// `teams-token list`: one pass over the table, printed page by page.

internal import FoundationEssentials

public struct ListRequest: Sendable {
    public enum Form: Sendable {
        case table
        case csv
        case json
    }

    public var form: Form
    /// Only those that wait for a person, those that are due, or both.
    public var onlyNeedsPerson: Bool
    public var onlyDue: Bool

    public init(form: Form, onlyNeedsPerson: Bool = false, onlyDue: Bool = false) {
        self.form = form
        self.onlyNeedsPerson = onlyNeedsPerson
        self.onlyDue = onlyDue
    }

    func includes(_ state: ConnectionState) -> Bool {
        if !onlyNeedsPerson, !onlyDue { return true }
        return onlyNeedsPerson && state.needsPerson || onlyDue && state.isDue
    }
}

extension AdminProgram {
    private static let pageSize = 1000

    public func list(_ request: ListRequest) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let store = try openForReading(configuration)
            var listing: any Listing =
                switch request.form {
                case .table: ListingTable(console: console)
                case .csv: ListingCSV(console: console)
                case .json: ListingJSON(console: console)
                }
            let now = clock.now()
            let longest =
                request.form == .table
                ? try await storeFailure { try await store.longestUserID() } : 0
            var counts = StateCounts()
            var last: InspectedConnection.Place?
            do throws(RunFailure) {
                repeat {
                    let from = last
                    let page = try await storeFailure {
                        try await store.inspect(after: from, limit: Self.pageSize, at: now)
                    }
                    last = page.rows.count < Self.pageSize ? nil : page.last
                    let texts = page.rows.map {
                        ConnectionText($0, margin: configuration.refreshBefore, at: now)
                    }
                    texts.forEach { counts.add($0.state, isShown: request.includes($0.state)) }
                    listing.add(
                        texts.filter { request.includes($0.state) },
                        longestToCome: last == nil ? nil : longest)
                } while last != nil && console.outIsOpen
            } catch {
                guard listing.abandon(error.summary) else { throw error }
                return plainReporter.fail(error, configuration)
            }
            listing.finish(counts)
            return .ok
        }
    }
}

/// One of the forms in which rows come out as they are read.
private protocol Listing {
    /// - Parameter longestToCome: Characters of the longest identifier; nil on the last page.
    mutating func add(_ rows: [ConnectionText], longestToCome: Int?)
    mutating func finish(_ counts: StateCounts)
    /// The table could not be read to its end.
    /// - Returns: Whether the form holds the message, so that no other document must follow.
    mutating func abandon(_ message: String) -> Bool
}

private struct ListingTable: Listing {
    let console: Console
    private var table: TextTable?

    init(console: Console) { self.console = console }

    mutating func add(_ rows: [ConnectionText], longestToCome: Int?) {
        guard !rows.isEmpty else { return }
        let style = console.style
        var lines: [String] = []
        let table: TextTable
        if let settled = self.table {
            table = settled
        } else {
            let expected = longestToCome.map { [ConnectionText.widest(user: $0)] } ?? []
            table = TextTable(
                ConnectionText.columns, sizedFor: rows.map(\.cells) + expected,
                width: console.outColumns)
            self.table = table
            lines.append(style.bold(table.header))
        }
        lines += rows.map { row in
            table.line(row.cells) { $0 == 1 ? row.state.painted($1, style) : $1 }
        }
        console.out(lines.joined(separator: "\n"))
    }

    mutating func finish(_ counts: StateCounts) {
        console.out(table == nil ? counts.sentence : "\n\(counts.sentence)")
    }

    mutating func abandon(_ message: String) -> Bool { false }
}

private struct ListingCSV: Listing {
    let console: Console

    init(console: Console) {
        self.console = console
        console.write(ConnectionText.header)
    }

    mutating func add(_ rows: [ConnectionText], longestToCome: Int?) {
        // A program gets what is stored, byte by byte; a terminal would obey what it is shown.
        let isShown = console.outIsTerminal
        console.write(rows.map { $0.record(isShown: isShown) }.joined())
    }

    mutating func finish(_ counts: StateCounts) {}
    mutating func abandon(_ message: String) -> Bool { false }
}

/// One document, a connection a line.
private struct ListingJSON: Listing {
    let console: Console
    private var isEmpty = true

    init(console: Console) {
        self.console = console
        console.write(#"{"connections":["#)
    }

    mutating func add(_ rows: [ConnectionText], longestToCome: Int?) {
        for row in rows {
            console.write((isEmpty ? "\n" : ",\n") + row.json.line)
            isEmpty = false
        }
    }

    mutating func finish(_ counts: StateCounts) { console.out(isEmpty ? "]}" : "\n]}") }

    mutating func abandon(_ message: String) -> Bool {
        console.out(#"],"error":"# + JSON.string(message).line + "}")
        return true
    }
}
