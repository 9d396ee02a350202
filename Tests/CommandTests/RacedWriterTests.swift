/// The application writes while the server answers: what it wrote stays (G2), and everybody else's tokens
/// are stored whatever it locks.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct RacedWriterTests {
    @Test(arguments: ["DELETE", "WAL"])
    func `what the application does during the request stays as it is`(_ journal: String)
        async throws
    {
        try await PassWorld.strict { world in
            let session = try world.database.session()
            try session.execute("PRAGMA journal_mode = \(journal)")
            try world.enrol(1...12)
            world.sandbox.hold(from: 2)
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 12)
            try session.execute(
                """
                UPDATE oauth_tokens SET access_token = 'theirs', refresh_token = 'theirs',
                  expires_at = '2040-01-01 00:00:00' WHERE user_id = 3;
                DELETE FROM oauth_tokens WHERE user_id = 4;
                UPDATE oauth_tokens SET provider = 'google' WHERE user_id = 5;
                DELETE FROM oauth_tokens WHERE user_id = 6;
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                  VALUES (6, 'new', 'new', '2040-01-01 00:00:00');
                UPDATE oauth_tokens SET refresh_token = '' WHERE user_id = 7;
                UPDATE oauth_tokens SET user_id = 108 WHERE user_id = 8;
                UPDATE oauth_tokens SET scope = 'theirs' WHERE user_id = 9;
                """)
            let theirs =
                "SELECT user_id, provider, access_token, refresh_token, expires_at FROM oauth_tokens WHERE user_id IN (3, 5, 6, 7, 108)"
            let before = try session.query(theirs)
            world.sandbox.release()
            let result = await running.ended()
            let document = try Document(result.standardOutput)
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(document.present?["raced"] == 6)
            #expect(document.present?["refreshed"] == 6)
            #expect(try session.query(theirs) == before)
            #expect(try world.behind(1...2) == [])
            #expect(try world.behind(9...12) == [])
            #expect(
                try world.database.value("SELECT scope FROM oauth_tokens WHERE user_id = 9")
                    == "theirs")
            #expect(
                try world.database.value("SELECT count(*) FROM oauth_tokens WHERE user_id = 4")
                    == "0")
        }
    }

    /// Without an INTEGER PRIMARY KEY a VACUUM may give every row another rowid.
    @Test func `rows that VACUUM has numbered anew get their own tokens`() async throws {
        try await PassWorld.strict { world in
            let session = try world.database.session()
            try session.execute(
                """
                DROP TABLE oauth_tokens;
                CREATE TABLE oauth_tokens (user_id INTEGER, provider TEXT DEFAULT 'microsoft',
                  access_token TEXT, refresh_token TEXT, expires_at TEXT);
                """)
            try world.enrol(101...120, expiresIn: 7200)
            try world.enrol(1...12)
            world.sandbox.hold(from: 2)
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 12)
            try session.execute("DELETE FROM oauth_tokens WHERE user_id > 100; VACUUM")
            #expect(
                try session.query("SELECT rowid FROM oauth_tokens WHERE user_id = 1") == [["1"]])
            world.sandbox.release()
            let result = await running.ended()
            #expect(result.exitCode == 0)
            #expect(try Document(result.standardOutput).present?["refreshed"] == 12)
            #expect(try world.behind(1...12) == [])
        }
    }

    @Test(arguments: ["DELETE", "WAL"])
    func `an application that locks the database again and again holds up nobody for good`(
        _ journal: String
    ) async throws {
        try await PassWorld.strict { world in
            try world.database.session().execute("PRAGMA journal_mode = \(journal)")
            try world.enrol(1...100)
            let running = try world.program.start(["--json"])
            let path = world.database.path
            let writer = Task.detached {
                let session = try SQLiteSession(path: path)
                while !Task.isCancelled {
                    try session.execute(
                        """
                        BEGIN IMMEDIATE; UPDATE oauth_tokens SET created_at = 'seen' WHERE user_id = 50;
                        COMMIT
                        """)
                    await Task.yield()
                }
            }
            let result = await running.ended()
            writer.cancel()
            try await writer.value
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(try Document(result.standardOutput).present?["refreshed"] == 100)
            #expect(try world.behind(1...100) == [])
            #expect(world.sandbox.counts.byStatus == [200: 100])
        }
    }

    /// One who blames nobody: the server refuses the old token, and the row holds another by then.
    @Test func `a refusal of what the application has replaced is no verdict`() async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...2)
            world.sandbox.script(
                user: "2",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            world.sandbox.hold(from: 2)
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 2)
            try world.database.session().execute(
                "UPDATE oauth_tokens SET refresh_token = 'theirs' WHERE user_id = 2")
            world.sandbox.release()
            let result = await running.ended()
            #expect(result.exitCode == 0)
            #expect(try Document(result.standardOutput).present?["raced"] == 1)
            let condemned =
                "SELECT count(*) FROM maintain_teams_connections WHERE verdict <> 'refreshed'"
            #expect(try world.database.value(condemned) == "0")
        }
    }

    /// What a stopped pass leaves behind is counted without being read, and counted right.
    @Test
    func `the counts of a stopped pass tell those it did not reach by what stands against them`()
        async throws
    {
        try await PassWorld.strict { world in
            try world.enrol(1...500)
            world.refuse(3, "invalid_grant", suberror: "bad_token", codes: [50_173])
            world.refuse(4, "invalid_request", codes: [90_014])
            let session = try world.database.session()
            #expect(
                try await world.program.run("--user", "3", "--user", "4", "--user", "5").exitCode
                    == 12)
            try world.enrol(501...700)
            try session.execute(
                """
                UPDATE oauth_tokens SET expires_at = 'never' WHERE user_id = 10;
                UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id BETWEEN 11 AND 13;
                UPDATE oauth_tokens SET expires_at = datetime('now', '30 seconds') WHERE user_id = 600;
                """)
            world.sandbox.resetRequests()
            world.sandbox.hold()
            let running = try world.program.start(["--json"])
            await world.sandbox.waitForRequests(atLeast: 1)
            running.send(SIGTERM)
            while running.hasPending(SIGTERM) { await Task.yield() }
            world.sandbox.release()
            let result = await running.ended()
            #expect(result.signal == SIGTERM)
            let counts = try #require(try Document(result.standardOutput).present)
            let refreshed = try #require(counts["refreshed"])
            // 700, less one that is fresh since the first run, one unreadable and three without a token.
            #expect(counts["due"] == 695)
            #expect(counts["reauth_required"] == 1)
            #expect(counts["rejected"] == 1)
            #expect(counts["malformed"] == 1)
            #expect(counts["no_refresh_token"] == 3)
            #expect(counts["fresh"] == 1)
            #expect(counts["deferred"] == 695 - 2 - refreshed)
        }
    }
}
