/// The application's database as existing installations have it, in a temporary directory.

public import FoundationEssentials
internal import TokenCore

public final class ApplicationDatabase: Sendable {
    public let directory: TemporaryDirectory
    public let path: String

    public static let table = """
        CREATE TABLE oauth_tokens (
          id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL,
          provider VARCHAR(50) NOT NULL DEFAULT 'microsoft',
          access_token TEXT NOT NULL, refresh_token TEXT, token_type VARCHAR(20) DEFAULT 'Bearer',
          expires_at DATETIME NOT NULL, scope TEXT,
          created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
          UNIQUE (user_id, provider));
        CREATE INDEX idx_expires_at ON oauth_tokens (expires_at);
        """

    public init(in directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        path = self.directory.file("teams.sqlite3")
        try session().execute(Self.table)
    }

    /// Another program at the same file.
    public func session() throws -> SQLiteSession { try SQLiteSession(path: path) }

    /// A user's row, with the refresh token `USER.0` unless said otherwise.
    public func enrol(
        _ user: Int, expiresAt: Date, refreshToken: String? = "", accessToken: String? = nil
    ) throws {
        try enrol(
            user...user, expiresAt: expiresAt, refreshToken: refreshToken, accessToken: accessToken)
    }

    /// A row for each of many users.
    public func enrol(
        _ users: ClosedRange<Int>, expiresAt: Date, refreshToken: String? = "",
        accessToken: String? = nil
    ) throws {
        let session = try session()
        try session.execute("BEGIN")
        for user in users {
            try session.query(
                """
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                VALUES (?1, ?2, ?3, ?4)
                """,
                String(user), accessToken ?? "access-\(user).0",
                refreshToken == "" ? "\(user).0" : refreshToken, Self.text(expiresAt))
        }
        try session.execute("COMMIT")
    }

    /// Both tokens and the expiry of a user, as they are now; nil without a row.
    public func row(_ user: Int) throws -> Row? {
        try session().query(
            "SELECT access_token, refresh_token, expires_at FROM oauth_tokens WHERE user_id = ?1",
            String(user)
        ).first.map {
            Row(accessToken: $0[0] ?? "", refreshToken: $0[1], expiresAt: $0[2] ?? "")
        }
    }

    public struct Row: Equatable, Sendable {
        public var accessToken: String
        public var refreshToken: String?
        public var expiresAt: String

        public init(accessToken: String, refreshToken: String?, expiresAt: String) {
            self.accessToken = accessToken
            self.refreshToken = refreshToken
            self.expiresAt = expiresAt
        }
    }

    /// The first column of the first row of a query.
    public func value(_ sql: String) throws -> String? {
        try session().query(sql).first?.first ?? nil
    }

    /// As the application writes a time.
    public static func text(_ date: Date) -> String {
        CalendarTime(utcSeconds: Int64(date.timeIntervalSince1970)).text(separator: " ")
    }
}
