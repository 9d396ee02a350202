/// The rows that may be due, soonest expiry first, in pages: a merge of one cursor per family of
/// forms. Only rowids and times are held; a row's tokens are read when its turn is near.

internal import FoundationEssentials

/// A row whose time has been read; `expiresAt` is nil when it can't be.
struct DueRow: Equatable {
    let rowID: Int64
    let expiresAt: Date?
}

struct DueSelection {
    private var cursors: [DueCursor]

    init(_ ranges: DueRanges, horizon: Date, provider: String, zone: LocalTime) {
        cursors = DueRanges.Family.allCases.compactMap { family in
            guard let parts = ranges.ranges[family] else { return nil }
            return DueCursor(
                family: family, ranges: parts, horizon: horizon, provider: provider, zone: zone)
        }
    }

    /// The next rows. Unreadable ones come first within their cursor.
    /// - Returns: At most `limit` rows; none when the selection is at its end.
    mutating func next(_ limit: Int, statements: DueStatements) throws -> [DueRow] {
        var rows: [DueRow] = []
        while rows.count < limit {
            var best: Int?
            for index in cursors.indices {
                try cursors[index].fill(statements)
                guard let head = cursors[index].head else { continue }
                guard let current = best, let soonest = cursors[current].head else {
                    best = index
                    continue
                }
                if head.sortKey < soonest.sortKey { best = index }
            }
            guard let best, let row = cursors[best].take() else { break }
            rows.append(row)
        }
        return rows
    }
}

extension DueRow {
    fileprivate var sortKey: Double { expiresAt?.timeIntervalSince1970 ?? -.infinity }
}

/// One family's ranges, read a page at a time behind a keyset of (expires_at, rowid): no read
/// transaction stays open between pages.
private struct DueCursor {
    /// Few enough that their rows are still in the cache when each is read on its own.
    static let pageSize = 128

    let family: DueRanges.Family
    let horizon: Date
    let provider: String
    let zone: LocalTime
    private var ranges: ArraySlice<DueRanges.Range>
    private var last: (value: SQLiteValue, rowID: Int64)?
    private var page: ArraySlice<DueRow> = []

    init(
        family: DueRanges.Family, ranges: [DueRanges.Range], horizon: Date, provider: String,
        zone: LocalTime
    ) {
        self.family = family
        self.horizon = horizon
        self.provider = provider
        self.zone = zone
        self.ranges = ranges[...]
    }

    var head: DueRow? { page.first }

    mutating func take() -> DueRow? { page.popFirst() }

    /// Reads on until a page holds something or the ranges are used up.
    mutating func fill(_ statements: DueStatements) throws {
        while page.isEmpty, let range = ranges.first {
            if last == nil, try !statements.isWorthReading(range, of: family) {
                ranges.removeFirst()
                continue
            }
            let start = last ?? (range.lower, range.includesLower ? .min : .max)
            let found = try statements.page(
                of: family, in: range, after: start, provider: provider, limit: Self.pageSize)
            page = found.compactMap { dueRow($0, in: range) }[...]
            if found.count < Self.pageSize {
                ranges.removeFirst()
                last = nil
            } else {
                last = found.last.map { ($0.value, $0.rowID) }
            }
        }
    }

    /// Nil for a row that is not due after all.
    private func dueRow(
        _ found: (value: SQLiteValue, rowID: Int64), in range: DueRanges.Range
    ) -> DueRow? {
        guard let read = ExpiresAt(found.value, zone: zone) else {
            return range.reachesAhead ? nil : DueRow(rowID: found.rowID, expiresAt: nil)
        }
        guard read.date <= horizon else { return nil }
        return DueRow(rowID: found.rowID, expiresAt: read.date)
    }
}

/// The prepared page queries. A page is found by the index alone where its filter is on the indexed
/// column; the provider is looked up in the row afterwards.
struct DueStatements {
    private let plain: Statement
    private let null: Statement
    private let texts: [DueRanges.Family: Statement]
    private let sample: Statement

    init(_ database: Database, table: OAuthTable) throws(SQLiteError) {
        plain = try database.prepare(text: Self.query(nil, table: table))
        var texts: [DueRanges.Family: Statement] = [:]
        for family in DueRanges.Family.allCases {
            guard let filter = family.filter else { continue }
            texts[family] = try database.prepare(text: Self.query(filter, table: table))
        }
        self.texts = texts
        sample = try database.prepare(
            text: """
                SELECT 1 FROM (
                  SELECT expires_at FROM oauth_tokens WHERE expires_at > ?1 AND expires_at <= ?2
                  ORDER BY expires_at LIMIT 4096)
                WHERE \(DueRanges.Family.displacedSpaced.filter ?? "1") LIMIT 1
                """)
        null = try database.prepare(
            """
            SELECT expires_at, rowid FROM oauth_tokens
            WHERE expires_at IS NULL AND rowid > ?2 AND provider = ?4
            ORDER BY rowid LIMIT ?5
            """)
    }

    /// A page of a range behind a keyset. Where an index begins with `expires_at`, the plus keeps
    /// SQLite from preferring another that begins with the provider, and so nearly all rows.
    static func query(_ filter: String?, table: OAuthTable) -> String {
        """
        SELECT expires_at, rowid FROM oauth_tokens
        WHERE (expires_at, rowid) > (?1, ?2) AND expires_at <= ?3
          AND \(table.hasExpiryIndex ? "+" : "")provider = ?4 AND \(filter ?? "1")
        ORDER BY expires_at, rowid LIMIT ?5
        """
    }

    func page(
        of family: DueRanges.Family, in range: DueRanges.Range,
        after start: (value: SQLiteValue, rowID: Int64), provider: String, limit: Int
    ) throws(SQLiteError) -> [(value: SQLiteValue, rowID: Int64)] {
        let statement = statement(family, range)
        try statement.bind(
            start.value, .integer(start.rowID), range.upper, .text(provider), .integer(Int64(limit))
        )
        var rows: [(value: SQLiteValue, rowID: Int64)] = []
        while try statement.step() { rows.append((statement.value(0), statement.integer(1))) }
        return rows
    }

    /// Whether a range may hold texts of its family. Naive texts with a space are what most tables hold,
    /// and nearly all of them lie within hours: rather than the whole of their index, a sample is
    /// searched for zones, for applications write one form.
    func isWorthReading(_ range: DueRanges.Range, of family: DueRanges.Family) throws(SQLiteError)
        -> Bool
    {
        guard family == .displacedSpaced, range.reachesAhead else { return true }
        defer { sample.reset() }
        return try sample.bind(range.lower, range.upper).step()
    }

    private func statement(_ family: DueRanges.Family, _ range: DueRanges.Range) -> Statement {
        if range.lower == .null { return null }
        if range.isWhollyUnreadable { return plain }
        return texts[family] ?? plain
    }
}

extension DueRanges.Family {
    /// What tells its texts from those of the others, by the indexed column alone: the separator, what
    /// follows the seconds, and the end. Nil for numbers.
    var filter: String? {
        let separator = "substr(expires_at, 11, 1)"
        let rest = "substr(expires_at, 20)"
        let end = "substr(expires_at, -1)"
        return switch self {
        case .seconds, .milliseconds: nil
        case .naive: "\(separator) = ' ' AND \(rest) NOT GLOB '*[-+Zz]*'"
        case .displacedSpaced: "\(separator) = ' ' AND \(rest) GLOB '*[-+Zz]*'"
        case .utc: "\(end) IN ('Z', 'z') AND \(separator) IN ('T', 't')"
        case .naiveLettered:
            "\(end) NOT IN ('Z', 'z') AND \(separator) IN ('T', 't') AND \(rest) NOT GLOB '*[-+]*'"
        case .displaced:
            // The end first: of hours of times in UTC each is looked at, and this settles it.
            "\(end) NOT IN ('Z', 'z') AND \(separator) IN ('T', 't') AND \(rest) GLOB '*[-+]*'"
        case .odd: "\(separator) NOT IN (' ', 'T', 't')"
        }
    }
}

extension DueRanges.Range {
    /// Ranges outside years 1 to 9999 hold nothing readable, whatever stands at its eleventh place.
    fileprivate var isWhollyUnreadable: Bool {
        switch (lower, upper) {
        case (_, .blob), (.integer(.min), _): true
        case (.text(let text), _): text.isEmpty
        default: false
        }
    }
}
