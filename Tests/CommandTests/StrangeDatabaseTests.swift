/// Databases as nobody should have them: damaged files, unusual tables, our own tables altered. Each either
/// works, or is refused before a token is spent.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct StrangeDatabaseTests {
    // MARK: The application's table

    /// Tables that are unusual and good.
    static let unusual: [(name: String, table: String)] = [
        (
            "STRICT",
            """
            CREATE TABLE oauth_tokens (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
              provider TEXT NOT NULL, access_token TEXT NOT NULL, refresh_token TEXT,
              expires_at TEXT NOT NULL, scope TEXT, updated_at TEXT) STRICT
            """
        ),
        (
            "other case",
            """
            CREATE TABLE OAuth_Tokens (ID INTEGER PRIMARY KEY, User_ID INTEGER, PROVIDER TEXT,
              Access_Token TEXT, REFRESH_TOKEN TEXT, Expires_At TEXT, Updated_At TEXT)
            """
        ),
        (
            "generated columns",
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, expires_at TEXT, day TEXT AS (substr(expires_at, 1, 10)) STORED,
              updated_at TEXT AS (expires_at) VIRTUAL)
            """
        ),
        (
            "more required columns",
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, expires_at TEXT, tenant TEXT NOT NULL DEFAULT 'x',
              CHECK (length(access_token) > 100), CHECK (tenant <> ''))
            """
        ),
        (
            "a trigger that watches",
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, expires_at TEXT);
            CREATE TABLE audit (user_id INTEGER, at TEXT);
            CREATE TRIGGER watch AFTER UPDATE ON oauth_tokens
            BEGIN INSERT INTO audit VALUES (new.user_id, new.expires_at); END
            """
        ),
    ]

    @Test(arguments: unusual)
    func `an unusual table is served like any other`(_ name: String, _ table: String) async throws {
        try await PassWorld.strict { world in
            try world.database.session().execute("DROP TABLE oauth_tokens; \(table)")
            try world.fill(1...5)
            let result = try await world.program.run()
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(try world.behind(1...5) == [])
        }
    }

    /// What can't be served, and the words that say why.
    static let hopeless: [(table: String, words: String)] = [
        ("CREATE TABLE t (a); CREATE VIEW oauth_tokens AS SELECT a FROM t", "is a view"),
        (
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, expires_at TEXT, PRIMARY KEY (user_id, provider)) WITHOUT ROWID
            """, "WITHOUT ROWID"
        ),
        (
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, created_at TEXT, expires_at TEXT AS (created_at) VIRTUAL)
            """, "no column expires_at"
        ),
        (
            """
            CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT, access_token TEXT,
              refresh_token TEXT, expires_at TEXT);
            CREATE TRIGGER notify AFTER UPDATE ON oauth_tokens
            BEGIN SELECT function_of_the_application(new.user_id); END
            """, "function_of_the_application"
        ),
    ]

    @Test(arguments: hopeless)
    func `a table that can't be served spends nothing`(_ table: String, _ words: String)
        async throws
    {
        try await PassWorld.strict { world in
            try world.database.session().execute("DROP TABLE oauth_tokens; \(table)")
            if !words.contains("view"), !words.contains("column") { try world.fill(1...5) }
            let result = try await world.program.run()
            #expect(result.exitCode == 74)
            #expect(result.standardError.contains(words), "\(result.standardError)")
            #expect(world.sandbox.counts.received == 0)
        }
    }

    /// A used refresh token is dead here: whose new one the table refuses must not be asked again.
    @Test func `a table that refuses everybody costs few tokens, and they wait for better days`()
        async throws
    {
        try await PassWorld.strict { world in
            try world.enrol(1...40)
            let session = try world.database.session()
            try session.execute(
                """
                CREATE TRIGGER guard BEFORE UPDATE ON oauth_tokens
                BEGIN SELECT RAISE(ABORT, 'frozen'); END
                """)
            for (pass, spent) in [3, 4, 5].enumerated() {
                let result = try await world.program.run()
                #expect(result.exitCode == 74)
                #expect(result.standardError.contains("frozen"))
                #expect(world.sandbox.counts.token == spent, "pass \(pass)")
            }
            #expect(world.sandbox.counts.byStatus == [200: 5])
            let probed = try await world.program.run("--test-api", "--user", "1")
            #expect(probed.exitCode == 74)
            #expect(world.sandbox.counts.token == 5)
            try session.execute("DROP TRIGGER guard")
            let (document, result) = try await world.document()
            #expect(result.exitCode == 0)
            #expect(document.warnings.first?.hasPrefix("stored 5 tokens") == true)
            #expect(document.present?["refreshed"] == 35)
            #expect(try world.behind(1...40) == [])
            #expect(world.sandbox.counts.byStatus[400] == nil)
            #expect(!world.database.directory.exists("\(world.spoolName).refused"))
        }
    }

    @Test func `one whom the table refuses is left alone until it takes the tokens`() async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...8)
            let session = try world.database.session()
            try session.execute(
                """
                CREATE TRIGGER guard BEFORE UPDATE ON oauth_tokens WHEN old.user_id = 3
                BEGIN SELECT RAISE(ABORT, 'not this one'); END
                """)
            for _ in 1...3 {
                let (document, result) = try await world.document()
                #expect(result.exitCode == 74)
                #expect(document.present?["transient"] == 1)
                #expect(result.standardError.contains("the new tokens of user 3 were refused"))
            }
            #expect(world.sandbox.counts.byStatus == [200: 8])
            #expect(try world.behind(1...8) == [3])
            try session.execute("DROP TRIGGER guard")
            #expect(try await world.program.run().exitCode == 0)
            #expect(try world.behind(1...8) == [])
            #expect(world.sandbox.counts.byStatus == [200: 8])
        }
    }

    @Test(arguments: ["' '", "char(9, 10)", "''", "NULL"])
    func `a refresh token of nothing but white space is none`(_ blank: String) async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...2)
            try world.database.session().execute(
                "UPDATE oauth_tokens SET refresh_token = \(blank) WHERE user_id = 1")
            let (document, result) = try await world.document()
            #expect(result.exitCode == 0)
            #expect(document.present?["no_refresh_token"] == 1)
            #expect(document.present?["refreshed"] == 1)
            #expect(world.sandbox.counts.token == 1)
        }
    }

    // MARK: Our own tables

    @Test(
        arguments: ["DROP INDEX maintain_teams_condemned", "DELETE FROM maintain_teams_meta"]
            + StateSchema.tableNames.map { "DROP TABLE \($0)" })
    func `what is missing of our tables is made anew`(_ damage: String) async throws {
        try await PassWorld.strict { world in
            #expect(try await world.program.run().exitCode == 0)
            let ours = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'maintain_teams_%'"
            let whole = try world.database.value(ours)
            try world.database.session().execute(damage)
            try world.enrol(1...3)
            let result = try await world.program.run()
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(try world.behind(1...3) == [])
            #expect(try world.database.value(ours) == whole)
        }
    }

    @Test(arguments: [
        "ALTER TABLE maintain_teams_connections RENAME COLUMN failures TO tries",
        "ALTER TABLE maintain_teams_passes RENAME COLUMN summary TO words",
        "ALTER TABLE maintain_teams_clients RENAME COLUMN not_before TO later",
        "ALTER TABLE maintain_teams_reported RENAME COLUMN detail TO more",
        "ALTER TABLE maintain_teams_meta RENAME COLUMN value TO thing",
        "ALTER TABLE maintain_teams_accounts RENAME COLUMN object_id TO oid",
    ])
    func `what somebody has altered is named, and how to mend it`(_ damage: String) async throws {
        try await PassWorld.strict { world in
            #expect(try await world.program.run().exitCode == 0)
            try world.database.session().execute(damage)
            try world.enrol(1...3)
            let result = try await world.program.run()
            #expect(result.exitCode == 74)
            #expect(result.standardError.contains("not as this program made them"))
            #expect(result.standardError.contains("drop all tables whose names begin with"))
            #expect(world.sandbox.counts.received == 0)
        }
    }

    // MARK: Damaged files

    @Test(arguments: ["cut", "zeroed", "garbage", "leaf"])
    func `a damaged file spends nothing, or loses nothing`(_ damage: String) async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...200)
            let path = world.database.path
            var bytes = try Data(contentsOf: URL(filePath: path))
            switch damage {
            case "cut": bytes = bytes.prefix(bytes.count / 2)
            case "zeroed": bytes.replaceSubrange(4096..<16384, with: Data(count: 12288))
            case "garbage":
                bytes.replaceSubrange(0..<4096, with: Data(repeating: 0x55, count: 4096))
            default:
                let middle = bytes.count / 2 / 4096 * 4096
                bytes.replaceSubrange(
                    middle..<middle + 4096, with: Data(repeating: 0xFF, count: 4096))
            }
            // In place, as a disk does it.
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: bytes)
            try file.close()
            let result = try await world.program.run()
            #expect(result.exitCode == 74, "\(result.standardError)")
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: DATABASE (74): ") == true)
            // What was spent is in a row that can be read, or in the spool.
            let spent = world.sandbox.requests.compactMap { $0.user.flatMap { Int($0) } }
            let spooled = (try? world.spooled()) ?? []
            for user in spent where !spooled.contains(user) {
                #expect(try world.generation(user) == 1)
            }
        }
    }

    @Test func `a damaged write-ahead log is the application's loss, not ours`() async throws {
        try await PassWorld.strict { world in
            try world.database.session().execute("PRAGMA journal_mode = WAL")
            try world.enrol(1...5)
            try world.database.directory.write(
                String(repeating: "noise", count: 5000), to: "teams.sqlite3-wal")
            let result = try await world.program.run()
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(try world.behind(1...5) == [])
        }
    }
}

extension PassWorld {
    /// Rows with the columns that every table has.
    fileprivate func fill(_ users: ClosedRange<Int>) throws {
        let expiry = Date(timeIntervalSinceNow: 600)
        for user in users {
            try database.session().query(
                """
                INSERT INTO oauth_tokens (user_id, provider, access_token, refresh_token, expires_at)
                VALUES (CAST(?1 AS INTEGER), 'microsoft', ?2, ?3, ?4)
                """,
                String(user), Sandbox.accessToken(user: String(user), expiresAt: expiry),
                Sandbox.refreshToken(user: String(user)), ApplicationDatabase.text(expiry))
        }
    }
}
