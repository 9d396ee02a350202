/// The database and its rows: what slows a pass down, what it can't keep alive, and what it can't read.

struct TableCheck {
    /// Where the database really is.
    let database: String
    let provider: String
    let facts: TableFacts

    var findings: [CheckupFinding] { engine + indexes + rows }

    private var engine: [CheckupFinding] {
        var findings = [
            CheckupFinding(
                .database, .ok, "SQLite \(SQLiteLibrary.version), journal mode \(facts.journalMode)"
            )
        ]
        if SQLiteLibrary.versionNumber < 3_037_000 {
            findings = [
                CheckupFinding(
                    .database, .problem(.database),
                    "SQLite \(SQLiteLibrary.version) is older than 3.37",
                    why: "the table can't be understood", remedy: "install a newer libsqlite3")
            ]
        }
        if let system = FilePaths.networkFileSystem(database) {
            findings.append(
                CheckupFinding(
                    .database, .warning, "\(database.sanitized()) lies on \(system)",
                    why: "locks are not reliable there: two passes may run at once, and SQLite may "
                        + "lose what it has written",
                    remedy: "keep the database on a local file system"))
        }
        if !["wal", "delete", "truncate", "persist"].contains(facts.journalMode) {
            findings.append(
                CheckupFinding(
                    .database, .warning, "the journal mode is \(facts.journalMode)",
                    why: "a crash in the middle of a write can damage the database",
                    remedy: "`sqlite3 \(database.sanitized()) 'PRAGMA journal_mode = WAL'`"))
        }
        return findings
    }

    private var indexes: [CheckupFinding] {
        let shell = "sqlite3 \(database.sanitized())"
        var findings: [CheckupFinding] = []
        if !facts.hasExpiryIndex {
            findings.append(
                CheckupFinding(
                    .table, .warning, "oauth_tokens has no index on expires_at",
                    why: "every pass reads the whole table",
                    remedy: "`\(shell) 'CREATE INDEX idx_expires_at ON oauth_tokens (expires_at)'`")
            )
        }
        if !facts.hasUserIndex {
            findings.append(
                CheckupFinding(
                    .table, .warning, "oauth_tokens has no unique index on (user_id, provider)",
                    why:
                        "a user can get two rows, and what looks for one user reads the whole table",
                    remedy:
                        "`\(shell) 'CREATE UNIQUE INDEX idx_user ON oauth_tokens (user_id, provider)'`"
                ))
        }
        return findings.isEmpty
            ? [CheckupFinding(.table, .ok, "oauth_tokens has the indexes that it needs")] : findings
    }

    private var rows: [CheckupFinding] {
        var findings: [CheckupFinding] = []
        let total = facts.connections
        if !facts.otherProviders.isEmpty {
            let others = OtherProviders(ours: provider, others: facts.otherProviders)
            findings.append(
                CheckupFinding(
                    .rows, .warning, others.seen,
                    why: "passes find nothing to do, and end with OK (0)", remedy: others.remedy))
        }
        if facts.duplicates > 0 {
            findings.append(
                CheckupFinding(
                    .rows, .warning, "\(Self.users(facts.duplicates)) more than one row",
                    why: "each row is refreshed by itself, and the application sees one of them",
                    remedy:
                        "`sqlite3 \(database.sanitized()) 'SELECT user_id, count(*) FROM oauth_tokens "
                        + "GROUP BY user_id, provider HAVING count(*) > 1'`, and delete the old ones"
                ))
        }
        if facts.withoutRefreshToken > 0 {
            findings.append(
                CheckupFinding(
                    .rows, .warning,
                    "\(facts.withoutRefreshToken) of \(total) connections have no refresh token",
                    why: "they end with their access token, and nobody can refresh them",
                    remedy:
                        "ask for offline_access on the sign-in page, and let these users sign in "
                        + "again: `teams-token list --needs-reauth`"))
        }
        if facts.malformed > 0 {
            let user = facts.malformedUser.map { ", as that of user \($0.sanitized(limit: 64))" }
            findings.append(
                CheckupFinding(
                    .rows, .warning,
                    "\(facts.malformed) of \(total) rows can't be read\(user ?? "")",
                    why: "passes skip them, and end with TRANSIENT (75) when they are due",
                    remedy: "mend expires_at and user_id, or let these users sign in again; "
                        + "`teams-token list` shows them"))
        }
        if facts.displaced > 0 {
            findings.append(
                CheckupFinding(
                    .rows, .note,
                    "\(facts.displaced) of \(total) times have an offset other than Z",
                    why: "they don't sort where their time belongs: passes look 15 hours further",
                    remedy: "write times in UTC: `2026-11-22 12:00:00`, or with Z"))
        }
        if findings.allSatisfy({ $0.severity == .note }) {
            let rows = total == 1 ? "1 connection" : "\(total) connections"
            findings.append(
                CheckupFinding(
                    .rows, .ok, "\(rows) of provider \(provider.sanitized(limit: 50)) can be read"))
        }
        return findings
    }

    private static func users(_ count: Int) -> String {
        count == 1 ? "1 user has" : "\(count) users have"
    }
}
