/// The application's table after a pass: what was due is new in its own form, all else the same to the byte.

import Foundation
import SandboxKit
import TestSupport
import Testing

struct TableTests {
    /// Ten minutes from now in each form, and what the written value must look like.
    static let forms: [(sql: String, like: String)] = [
        ("datetime('now', '600 seconds')", "____-__-__ __:__:__"),
        ("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '600 seconds')", "____-__-__T__:__:__Z"),
        (
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '600 seconds') || '.250Z'",
            "____-__-__T__:__:__.000Z"
        ),
        (
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '600 seconds', '5 hours') || '+05:00'",
            "____-__-__T__:__:__+05:00"
        ),
        (
            "strftime('%Y-%m-%dT%H:%M:%S', 'now', '600 seconds', '-8 hours') || '-08:00'",
            "____-__-__T__:__:__-08:00"
        ),
        ("CAST(strftime('%s', 'now') AS INTEGER) + 600", "__________"),
        ("(CAST(strftime('%s', 'now') AS INTEGER) + 600) * 1000", "__________000"),
    ]

    @Test func `each form of expiry is understood and kept, everything else is untouched`()
        async throws
    {
        try await PassWorld.run { world in
            let session = try world.database.session()
            for (offset, form) in Self.forms.enumerated() {
                try world.enrol((offset + 1)...(offset + 1))
                try session.execute(
                    "UPDATE oauth_tokens SET expires_at = \(form.sql) WHERE user_id = \(offset + 1)"
                )
            }
            try world.enrol(50...60, expiresIn: 7200)
            try session.execute(
                """
                INSERT INTO oauth_tokens (user_id, provider, access_token, refresh_token, expires_at)
                  VALUES (90, 'google', 'a', 'r', datetime('now', '-1 day'));
                UPDATE oauth_tokens SET scope = 'as granted' WHERE user_id = 1;
                """)
            let others = "SELECT * FROM oauth_tokens WHERE user_id >= 50 OR provider <> 'microsoft'"
            let before = try session.query(others)
            let journalMode = try session.query("PRAGMA journal_mode")
            let (document, result) = try await world.document()
            #expect(result.exitCode == 0)
            #expect(document.present?["refreshed"] == Self.forms.count)
            #expect(try session.query(others) == before)
            #expect(try session.query("PRAGMA journal_mode") == journalMode)
            for (offset, form) in Self.forms.enumerated() {
                let user = offset + 1
                #expect(try world.generation(user) == 1)
                let written = try world.database.row(user)?.expiresAt ?? ""
                #expect(
                    try session.query("SELECT ?1 LIKE ?2", written, form.like) == [["1"]],
                    "\(form.sql): \(written)")
            }
            #expect(
                try world.database.value(
                    "SELECT scope FROM oauth_tokens WHERE user_id = 1 AND provider = 'microsoft'")
                    == "as granted")
            let again = try await world.program.run()
            #expect(again.exitCode == 0)
            #expect(world.sandbox.counts.token == Self.forms.count)
        }
    }

    @Test func `optional columns may be missing`() async throws {
        try await PassWorld.run { world in
            try world.database.session().execute(
                """
                DROP TABLE oauth_tokens;
                CREATE TABLE oauth_tokens (user_id TEXT, provider TEXT, access_token TEXT, refresh_token TEXT, expires_at TEXT, note BLOB);
                """)
            try world.database.session().query(
                "INSERT INTO oauth_tokens VALUES ('zoë', 'microsoft', 'a', ?1, datetime('now', '60 seconds'), x'00ff')",
                Sandbox.refreshToken(user: "zoë"))
            let result = try await world.program.run()
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            #expect(
                try world.database.value("SELECT refresh_token FROM oauth_tokens")
                    == Sandbox.refreshToken(user: "zoë", generation: 1))
            #expect(try world.database.value("SELECT hex(note) FROM oauth_tokens") == "00FF")
        }
    }

    @Test func `the application may write meanwhile`() async throws {
        var configuration = SandboxConfiguration()
        configuration.latency = .milliseconds(20)
        try await PassWorld.run(configuration) { world in
            try world.enrol(1...60)
            let running = try world.program.start(["--json"])
            let session = try world.database.session()
            await world.sandbox.waitForRequests(atLeast: 1)
            for user in 1...60 {
                try session.execute(
                    "UPDATE oauth_tokens SET created_at = 'seen' WHERE user_id = \(user)")
            }
            let result = await running.ended()
            #expect(result.exitCode == 0)
            #expect(
                try world.database.value(
                    "SELECT count(*) FROM oauth_tokens WHERE created_at = 'seen'") == "60")
            let refreshed = try (1...60).filter { try world.generation($0) == 1 }
            #expect(refreshed.count == 60)
        }
    }

    @Test func `a user who signs in again during the request keeps the new tokens`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...1)
            world.sandbox.hold()
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 1)
            try world.database.session().execute(
                "UPDATE oauth_tokens SET access_token = 'theirs', refresh_token = 'theirs too'")
            world.sandbox.release()
            let result = await running.ended()
            #expect(try Document(result.standardOutput).present?["raced"] == 1)
            #expect(result.exitCode == 0)
            #expect(try world.database.row(1)?.refreshToken == "theirs too")
            #expect(try world.database.row(1)?.accessToken == "theirs")
        }
    }

    @Test func `received tokens survive kill -9 and are stored by the next run`() async throws {
        var configuration = SandboxConfiguration()
        configuration.rotation = .strict
        try await PassWorld.run(configuration) { world in
            try world.enrol(1...1)
            world.sandbox.hold()
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 1)
            // Another writer holds the database: the answer has to wait for its commit, in the spool.
            let lock = DatabaseLock()
            try lock.take(world.database.path)
            world.sandbox.release()
            let received = Data(Sandbox.refreshToken(user: "1", generation: 1).utf8)
            while spool(of: world).range(of: received) == nil { await Task.yield() }
            running.send(SIGKILL)
            _ = await running.ended()
            lock.release()
            #expect(try world.generation(1) == 0)
            let (document, result) = try await world.document()
            #expect(result.exitCode == 0)
            #expect(document.warnings.contains { $0.hasPrefix("stored 1 token") })
            #expect(try world.generation(1) == 1)
            #expect(world.sandbox.counts.token == 1)
            #expect(!world.database.directory.exists("teams.sqlite3.maintain-teams.spool"))
        }
    }

    @Test func `a row that the application's own rules refuse stops nobody else`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...8)
            try world.database.session().execute(
                """
                CREATE TRIGGER guard BEFORE UPDATE ON oauth_tokens WHEN old.user_id = 1
                BEGIN SELECT RAISE(ABORT, 'not this one'); END
                """)
            let result = try await world.program.run()
            #expect(result.exitCode == 74)
            #expect(
                result.errorLines.first?.contains("the new tokens of user 1 were refused") == true)
            #expect(result.standardError.contains("not this one"))
            let refreshed = try (1...8).filter { try world.generation($0) == 1 }
            #expect(refreshed == Array(2...8))
            // What was received is kept, and the next pass is not held up by it.
            try world.enrol(9...9)
            let (document, again) = try await world.document()
            #expect(again.exitCode == 74)
            #expect(
                document.warnings.contains {
                    $0.contains("teams.sqlite3.maintain-teams.spool.refused")
                })
            #expect(world.database.directory.exists("teams.sqlite3.maintain-teams.spool.refused"))
            #expect(try world.generation(9) == 1)
        }
    }

    private func spool(of world: PassWorld) -> Data {
        Data(world.database.directory.contents("teams.sqlite3.maintain-teams.spool") ?? [])
    }
}
