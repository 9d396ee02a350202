/// The application's database for one test: a real file in a directory of its own, which a second
/// connection reads and writes as the application would.

import FoundationEssentials
import Glibc

@testable import TokenCore

/// A directory that goes with its owner.
final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/maintain-teams-storage-XXXXXX".utf8CString)
        guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
            throw SystemError.last("mkdtemp")
        }
        path = try FilePaths.real(
            String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws -> String {
        let file = try FileDescriptor(path: "\(path)/\(name)", flags: O_WRONLY | O_CREAT | O_TRUNC)
        if !bytes.isEmpty { try file.write(bytes) }
        chmod(file.path, mode)
        return file.path
    }

    func bytes(of name: String) throws -> [UInt8] {
        let file = try FileDescriptor(path: "\(path)/\(name)", flags: O_RDONLY)
        return try file.read(count: file.size(), at: 0)
    }

    /// The names of all files, sorted.
    var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }
}

final class ScratchDatabase {
    let directory: ScratchDirectory
    let path: String
    /// The application's own connection.
    let application: Database

    static let index = "CREATE INDEX idx_expires_at ON oauth_tokens (expires_at)"

    /// The table of existing installations.
    /// - Parameters:
    ///   - expiresAt: The declared type of the column.
    ///   - userID: The declared type of the column.
    static func table(expiresAt: String = "DATETIME", userID: String = "INTEGER") -> String {
        """
        CREATE TABLE oauth_tokens (
          id INTEGER PRIMARY KEY AUTOINCREMENT, user_id \(userID) NOT NULL,
          provider VARCHAR(50) NOT NULL DEFAULT 'microsoft',
          access_token TEXT NOT NULL, refresh_token TEXT, token_type VARCHAR(20) DEFAULT 'Bearer',
          expires_at \(expiresAt), scope TEXT,
          created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
          updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
          UNIQUE (user_id, provider))
        """
    }

    /// - Parameter schema: Statements that make the tables, each once.
    init(_ schema: [String] = [table(), index], journal: String = "WAL") throws {
        directory = try ScratchDirectory()
        path = "\(directory.path)/teams.sqlite3"
        application = try Database(path: path, mode: .create, busyTimeout: .seconds(10))
        try run("PRAGMA journal_mode = \(journal)")
        // Tests prove what is stored by reading it back, not by pulling plugs.
        try run("PRAGMA synchronous = OFF")
        for statement in schema { try run(statement) }
    }

    convenience init(expiresAt: String, userID: String = "INTEGER", indexed: Bool = true) throws {
        try self.init(
            [Self.table(expiresAt: expiresAt, userID: userID)] + (indexed ? [Self.index] : []))
    }

    func run(_ sql: String, _ values: [SQLiteValue] = []) throws {
        let statement = try application.prepare(text: sql)
        try statement.bind(values)
        try statement.run()
    }

    /// The first `columns` columns of every row.
    func rows(_ sql: String, columns: Int = 1) throws -> [[SQLiteValue]] {
        let statement = try application.prepare(text: sql)
        var rows: [[SQLiteValue]] = []
        while try statement.step() { rows.append((0..<Int32(columns)).map { statement.value($0) }) }
        return rows
    }

    /// The first column of every row.
    func column(_ sql: String) throws -> [SQLiteValue] { try rows(sql).map { $0[0] } }

    func value(_ sql: String) throws -> SQLiteValue? { try column(sql).first }

    /// Enrols a user. The refresh token is `rt-<user>` unless another is given.
    @discardableResult
    func enrol(
        _ user: SQLiteValue, expires: SQLiteValue = .text("2026-11-22 12:00:00"),
        provider: String = "microsoft", refreshToken: SQLiteValue? = nil
    ) throws -> Int64 {
        try run(
            """
            INSERT INTO oauth_tokens (user_id, provider, access_token, refresh_token, expires_at)
            VALUES (?1, ?2, 'at-old', ?3, ?4)
            """,
            [user, .text(provider), refreshToken ?? .text("rt-\(user.words)"), expires])
        guard case .integer(let rowID) = try value("SELECT last_insert_rowid()") else { return 0 }
        return rowID
    }

    /// The schema and every row of every table but ours, each value with its type: what may not change
    /// unasked.
    /// - Parameter columns: Those that were to change.
    func dump(except columns: Set<String> = []) throws -> [String] {
        let others = "name NOT LIKE 'maintain\\_teams%' ESCAPE '\\'"
        var lines = try column("SELECT sql FROM sqlite_master WHERE \(others) ORDER BY name").map(
            \.words)
        for table in try column("SELECT name FROM sqlite_master WHERE type = 'table' AND \(others)")
        {
            let kept = try column("SELECT name FROM pragma_table_info('\(table.words)')").map(
                \.words
            )
            .filter { !columns.contains($0) }
            let values = kept.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
            lines += try column("SELECT \(values) FROM \"\(table.words)\" ORDER BY rowid").map(
                \.words)
        }
        return lines
    }

    var ourTables: [String] {
        get throws {
            try column(
                "SELECT name FROM sqlite_master WHERE name LIKE 'maintain%' AND type = 'table' ORDER BY 1"
            ).map(\.words)
        }
    }

    static let context = Fingerprint.Context(
        clientID: "client", tenantID: "tenant", authority: "https://login.example", scopes: nil)

    func store(
        zone: LocalTime = .utc, provider: String = "microsoft",
        context: Fingerprint.Context = context, busyTimeout: Duration = .seconds(10),
        concurrency: Int = 500, readOnly: Bool = false
    ) throws -> TokenStore {
        var settings = TokenStore.Settings(
            path: path, provider: provider, zone: zone, context: context, busyTimeout: busyTimeout)
        settings.concurrency = concurrency
        return try TokenStore(settings, readOnly: readOnly)
    }
}

extension SQLiteValue {
    /// As a person writes it in a test.
    var words: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        case .unreadableText(let bytes), .blob(let bytes): "\(bytes)"
        }
    }
}

extension SQLiteValue: ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral number: Int64) { self = .integer(number) }
    public init(floatLiteral number: Double) { self = .real(number) }
}

extension TokenStore {
    /// All users of the due selection, in its order; `!7` for a malformed row, `-7` for one without
    /// a refresh token.
    func due(_ horizon: Date, page: Int = 256, now: Date? = nil) throws -> [String] {
        selectDue(horizon: horizon)
        var users: [String] = []
        while let rows = try nextDue(page, at: now ?? horizon) { users += rows.map(\.name) }
        return users
    }

    func connection(_ user: String, at now: Date) throws -> Connection? {
        for case .connection(let connection) in try rows(ofUser: user, at: now) {
            return connection
        }
        return nil
    }
}

extension SelectedRow {
    var name: String {
        switch self {
        case .connection(let connection): connection.id.userID.description
        case .malformed(let id, _): "!\(id.userID)"
        case .noRefreshToken(let id): "-\(id.userID)"
        }
    }
}

extension Date {
    /// `2026-11-22T12:00:00` in UTC.
    init(_ text: String) {
        guard let read = ExpiresAt(.text(text), zone: .utc) else {
            preconditionFailure("not a time: \(text)")
        }
        self = read.date
    }
}
