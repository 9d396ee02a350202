/// The one place that inserts or replaces a whole connection. A pass never does: it updates rows that it
/// found. A replaced row keeps its `id`, its `created_at` and whatever else the application put there.

internal import FoundationEssentials

/// How a connection stands in the table after it was written.
struct EnrolledRow: Equatable, Sendable {
    /// As the column's type made it: a column of type TEXT turns 7 into "7".
    let userID: UserID?
    let expiresAt: SQLiteValue
    let isNew: Bool
}

/// Writes connections with the columns that the table has; to be used inside a transaction.
struct EnrolmentWriter {
    private let database: Database
    private let columns: Set<String>
    private let zone: LocalTime
    private let find: Statement
    private let read: Statement
    private let newest: Statement
    private var neighbours: [String: Forms] = [:]
    private var inserts: [[Enrolment.Column]: Statement] = [:]
    private var updates: [[Enrolment.Column]: Statement] = [:]

    init(_ database: Database, table: OAuthTable, zone: LocalTime) throws(SQLiteError) {
        self.database = database
        columns = table.columns
        self.zone = zone
        // Compared as the column compares, so that this finds what a UNIQUE rule would.
        find = try database.prepare(
            "SELECT rowid FROM oauth_tokens WHERE user_id = ?1 AND provider = ?2")
        let updatedAt = table.hasUpdatedAt ? "updated_at" : "NULL"
        read = try database.prepare(
            text: "SELECT user_id, expires_at, \(updatedAt) FROM oauth_tokens WHERE rowid = ?1")
        newest = try database.prepare(
            text: """
                SELECT expires_at, \(updatedAt) FROM oauth_tokens WHERE provider = ?1
                ORDER BY rowid DESC LIMIT 1
                """)
    }

    /// The row that a connection would replace; nil where there is none.
    func rowID(of enrolment: Enrolment) throws(SQLiteError) -> Int64? {
        try find.bind(SQLiteValue(enrolment.userID), .text(enrolment.provider))
        defer { find.reset() }
        return try find.step() ? find.integer(0) : nil
    }

    /// - Parameter rowID: The row to replace; nil inserts one.
    mutating func write(
        _ enrolment: Enrolment, over rowID: Int64?, at now: Date
    ) throws(SQLiteError) -> (rowID: Int64, row: EnrolledRow) {
        let forms = try forms(of: rowID, provider: enrolment.provider)
        let expiresAt =
            switch enrolment.expiresAt {
            case .instant(let date): (forms.expiry ?? .ordinary).value(for: date, zone: zone)
            case .stored(let value): value
            }
        var others = enrolment.others.filter { columns.contains($0.key.rawValue) }
        if columns.contains("updated_at"), others[.updatedAt] == nil {
            others[.updatedAt] = (forms.touched ?? .ordinary).value(
                for: now, zone: zone)
        }
        if rowID != nil { others[.createdAt] = nil }
        let names = others.keys.sorted { $0.rawValue < $1.rawValue }
        // A refresh token is never blanked.
        let refreshToken = enrolment.refreshToken.flatMap { rowID != nil && $0.isBlank ? nil : $0 }
        let values: [SQLiteValue] =
            [
                rowID.map { .integer($0) } ?? .null, SQLiteValue(enrolment.userID),
                .text(enrolment.provider), .text(enrolment.accessToken.exposed),
                refreshToken.map { .text($0.exposed) } ?? .null, expiresAt,
            ] + names.map { others[$0] ?? .null }
        let statement = try rowID == nil ? insert(names) : update(names)
        try statement.bind(values).run()
        let written = rowID ?? database.lastInsertedRowID
        try read.bind(.integer(written))
        defer { read.reset() }
        let isThere = try read.step()
        return (
            written,
            EnrolledRow(
                userID: isThere ? UserID(read.value(0)) : nil,
                expiresAt: isThere ? read.value(1) : .null, isNew: rowID == nil)
        )
    }

    /// In which forms times are written: those of the row, or of the newest beside it.
    private mutating func forms(of rowID: Int64?, provider: String) throws(SQLiteError) -> Forms {
        let neighbour: Forms
        if let known = neighbours[provider] {
            neighbour = known
        } else {
            try newest.bind(.text(provider))
            let isThere = try newest.step()
            neighbour = Forms(
                expiry: isThere ? ExpiresAt(newest.value(0), zone: zone) : nil,
                touched: isThere ? ExpiresAt(newest.value(1), zone: zone) : nil)
            newest.reset()
            neighbours[provider] = neighbour
        }
        guard let rowID else { return neighbour }
        try read.bind(.integer(rowID))
        defer { read.reset() }
        guard try read.step() else { return neighbour }
        return Forms(
            expiry: ExpiresAt(read.value(1), zone: zone) ?? neighbour.expiry,
            touched: ExpiresAt(read.value(2), zone: zone) ?? neighbour.touched)
    }

    private struct Forms {
        let expiry: ExpiresAt?
        let touched: ExpiresAt?
    }

    // Every statement has the same first parameters: rowid, user, provider, both tokens, expiry.

    private mutating func insert(
        _ others: [Enrolment.Column]
    ) throws(SQLiteError) -> Statement {
        if let statement = inserts[others] { return statement }
        let names = others.map { ", \($0.rawValue)" }.joined()
        let values = others.indices.map { ", ?\($0 + 7)" }.joined()
        let statement = try database.prepare(
            text: """
                INSERT INTO oauth_tokens
                  (rowid, user_id, provider, access_token, refresh_token, expires_at\(names))
                VALUES (?1, ?2, ?3, ?4, ?5, ?6\(values))
                """)
        inserts[others] = statement
        return statement
    }

    private mutating func update(
        _ others: [Enrolment.Column]
    ) throws(SQLiteError) -> Statement {
        if let statement = updates[others] { return statement }
        let assignments = others.enumerated().map { ", \($1.rawValue) = ?\($0 + 7)" }.joined()
        let statement = try database.prepare(
            text: """
                UPDATE oauth_tokens SET access_token = ?4,
                  refresh_token = coalesce(?5, refresh_token), expires_at = ?6\(assignments)
                WHERE rowid = ?1
                """)
        updates[others] = statement
        return statement
    }
}
