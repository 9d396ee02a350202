/// What a person, a script and a log see of a pass.

import Foundation
import SandboxKit
import TestSupport
import Testing

struct PassOutputTests {
    static let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/summary.schema.json")

    @Test(arguments: [
        ["--json"], ["--json", "--dry-run"], ["--json", "--test-api"], ["--json", "--nonsense"],
        ["--json", "--user", "9"],
    ])
    func `every document is valid, and both sums hold`(_ arguments: [String]) async throws {
        try await PassWorld.run { world in
            try world.enrol(1...6)
            try world.enrol(7...8, expiresIn: 7200)
            world.refuse(2, "invalid_grant", suberror: "bad_token", codes: [50173])
            world.refuse(3, "invalid_grant", suberror: "consent_required", codes: [65001])
            try world.database.session().execute(
                """
                UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id = 4;
                UPDATE oauth_tokens SET expires_at = 'soon' WHERE user_id = 5;
                """)
            let result = try await world.program.run(arguments)
            let document = try Document(result.standardOutput)
            let schema = try JSONSchema(contentsOf: Self.schema)
            #expect(schema.complaints(about: document.text) == [])
            #expect(document.exitCode == result.exitCode.map(Int.init))
            guard let counts = document.counts else { return }
            let parts = [
                "refreshed", "reauth_required", "consent_required", "transient", "throttled",
                "rejected", "configuration", "raced", "deferred", "backing_off", "not_attempted",
            ]
            #expect(parts.reduce(0) { $0 + (counts[$1] ?? 0) } == counts["due"])
            #expect(
                ["fresh", "due", "malformed", "no_refresh_token"].reduce(0) {
                    $0 + (counts[$1] ?? 0)
                }
                    == counts["connections"])
        }
    }

    @Test func `users keep their type in the document`() async throws {
        try await PassWorld.run { world in
            try world.database.session().execute(
                """
                DROP TABLE oauth_tokens;
                CREATE TABLE oauth_tokens (user_id, provider TEXT, access_token TEXT, refresh_token TEXT, expires_at TEXT);
                INSERT INTO oauth_tokens VALUES (7, 'microsoft', 'a', 'r', 'never'), ('007', 'microsoft', 'a', 'r', 'never'),
                  ('zoë', 'microsoft', 'a', 'r', 'never');
                """)
            let (document, _) = try await world.document()
            let users = document.problems.map { $0["user_id"] }
            #expect(users.contains { $0 as? Int == 7 })
            #expect(users.contains { $0 as? String == "007" })
            #expect(users.contains { $0 as? String == "zoë" })
            let (named, result) = try await world.document("--user", "007")
            #expect(named.counts?["connections"] == 1)
            #expect(result.exitCode == 75)
        }
    }

    @Test func `a dry run lists and counts, and leaves no trace`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...2)
            try world.enrol(3...3, expiresIn: 7200)
            let name = "teams.sqlite3"
            let before = world.database.directory.contents(name)
            let result = try await world.program.run("--dry-run")
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            let lines = result.standardOutput.split(separator: "\n")
            #expect(lines.first?.hasPrefix("would refresh user 1: expires in ") == true)
            #expect(
                lines.last?.hasPrefix(
                    "dry run: 2 would be refreshed, 2 due; 3 connections, 1 not due") == true)
            let (document, _) = try await world.document("--dry-run")
            #expect(document.plan?.compactMap { $0["user_id"] as? Int } == [1, 2])
            #expect(document.counts?["not_attempted"] == 2)
            #expect(world.database.directory.contents(name) == before)
            #expect(!world.database.directory.exists("\(name).maintain-teams.lock"))
            #expect(!world.database.directory.exists("\(name).maintain-teams.spool"))
            #expect(world.sandbox.counts.received == 0)
        }
    }

    @Test func `with report change a problem is told once, and its end`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...2)
            world.refuse(1, "invalid_grant", suberror: "bad_token", codes: [50173])
            let first = try await world.program.run("--report", "change")
            #expect(first.exitCode == 10)
            #expect(first.errorLines.count == 1)
            let second = try await world.program.run("--report", "change")
            #expect(second.exitCode == 10)
            #expect(second.standardError == "")
            #expect(second.standardOutput == "")
            // The user signs in again.
            world.sandbox.clearFaults()
            try world.database.session().query(
                "UPDATE oauth_tokens SET refresh_token = ?1 WHERE user_id = 1",
                Sandbox.refreshToken(user: "1", generation: 5))
            let third = try await world.program.run("--report", "change")
            #expect(third.exitCode == 0)
            #expect(third.errorLines == ["maintain-teams: over: user 1 must sign in again"])
            let fourth = try await world.program.run("--report", "change")
            #expect(fourth.standardError == "")
        }
    }

    @Test func `with report change what ended does not hide what stands`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...2)
            for user in 1...2 {
                world.refuse(user, "invalid_grant", suberror: "bad_token", codes: [50173])
            }
            _ = try await world.program.run("--report", "change")
            world.sandbox.script(user: "2", faults: [])
            try world.database.session().query(
                "UPDATE oauth_tokens SET refresh_token = ?1 WHERE user_id = 2",
                Sandbox.refreshToken(user: "2", generation: 5))
            let result = try await world.program.run("--report", "change")
            #expect(result.exitCode == 10)
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: REAUTH (10): ") == true)
            #expect(result.errorLines.last == "maintain-teams: over: user 2 must sign in again")
        }
    }

    @Test func `quiet leaves only the first line of a failure`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            world.refuse(1, "invalid_grant", suberror: "bad_token", codes: [50173])
            world.refuse(2, "invalid_grant", suberror: "consent_required", codes: [65001])
            let result = try await world.program.run("--quiet")
            #expect(result.exitCode == 10)
            #expect(
                result.errorLines == [
                    "maintain-teams: REAUTH (10): 2 connections need a person, 1 of 3 due refreshed"
                ])
            #expect(result.standardOutput == "")
        }
    }

    @Test func `verbose shows each connection on stdout, twice its timing`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...1)
            let result = try await world.program.run("-vv")
            #expect(result.standardOutput.contains("user 1: refreshed\n"))
            #expect(result.standardOutput.contains("HTTP 200"))
            #expect(result.standardOutput.contains("1 of 1 due refreshed"))
        }
    }

    @Test(arguments: ["text", "json"])
    func `the log has a line per event, each with the run`(_ format: String) async throws {
        try await PassWorld.run { world in
            try world.enrol(1...2)
            world.refuse(2, "invalid_grant", suberror: "bad_token", codes: [50173])
            let log = world.database.directory.file("pass.log")
            for _ in 1...2 {
                _ = try await world.program.run(["--log-file", log, "--log-format", format])
            }
            let text = String(
                decoding: world.database.directory.contents("pass.log") ?? [], as: UTF8.self)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 6)
            #expect(lines.allSatisfy { $0.contains("run_id") })
            #expect(
                lines.contains {
                    $0.contains("outcome") && $0.contains("reauth_required") && $0.contains("50173")
                })
            if format == "json" {
                #expect(
                    lines.allSatisfy {
                        (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil
                    })
            }
            let mode =
                try FileManager.default.attributesOfItem(atPath: log)[.posixPermissions] as? Int
            #expect(mode == 0o640)
        }
    }

    @Test func `a log that can't be written is a warning, not the end`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...1)
            let (document, result) = try await world.document("--log-file", "/proc/nowhere/log")
            #expect(result.exitCode == 0)
            #expect(document.warnings.contains { $0.contains("/proc/nowhere/log") })
            #expect(try world.generation(1) == 1)
        }
    }

    @Test func `on a terminal there is progress, which vanishes, and a report`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            world.refuse(2, "invalid_grant", suberror: "bad_token", codes: [50173])
            var program = world.program
            (program.output, program.error) = (.terminal(columns: 80), .terminal(columns: 80))
            program.environment["NO_COLOR"] = "1"
            let result = try await program.run()
            #expect(result.exitCode == 10)
            #expect(result.standardError.hasPrefix("\r\u{1B}[K0 settled, 1 in flight"))
            // The last word of stderr is the failure, on a line of its own.
            let last = try #require(result.standardError.components(separatedBy: "\u{1B}[K").last)
            #expect(last.hasPrefix("maintain-teams: REAUTH (10): user 2 must sign in again"))
            #expect(
                result.standardOutput.hasPrefix(
                    """
                    must sign in again: user 2
                      why     the sign-in was revoked by the user or an admin (AADSTS50173)
                      who     the user
                      remedy  let user 2 sign in to the application again; the next pass goes on by
                              itself
                    2 of 3 due refreshed; 3 connections, 0 not due; 1 expires before the next pass;
                    """))
        }
    }

    @Test func `closed streams do no harm to the database`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            var program = world.program
            program.input = .closed
            (program.output, program.error) = (.closed, .closed)
            let result = try await program.run("--json", "-v")
            #expect(result.exitCode == 0)
            #expect(try world.generation(3) == 1)
            #expect(try world.database.value("PRAGMA integrity_check") == "ok")
        }
    }

    @Test func `the api test asks with each live token and counts what Graph says`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...2)
            try world.enrol(3...4, expiresIn: 7200)
            world.sandbox.script(
                user: "4", faults: [Fault(.status(403, code: "accessDenied"), endpoint: .graph)])
            let (document, result) = try await world.document("--test-api")
            #expect(result.exitCode == 0)
            #expect(document.apiTest?.filter { $0.value > 0 } == ["ok": 3, "forbidden": 1])
            #expect(document.problems.first?["verdict"] as? String == "api_forbidden")
            #expect(world.sandbox.counts.token == 2)
        }
    }

    @Test func `named users are refreshed now with force`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3, expiresIn: 7200)
            let idle = try await world.program.run("--user", "2")
            #expect(idle.exitCode == 0)
            #expect(world.sandbox.counts.token == 0)
            let (document, _) = try await world.document("--user", "2", "--user", "3", "--force")
            #expect(document.present?["refreshed"] == 2)
            #expect(document.counts?["connections"] == 2)
            #expect(try world.generation(1) == 0)
            #expect(try world.generation(3) == 1)
        }
    }

    @Test func `a clock that is wrong by hours is noticed and used as it is`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...1)
            world.sandbox.script(user: "*", faults: [Fault(.dateOffset(seconds: -7200))])
            let (document, result) = try await world.document()
            #expect(result.exitCode == 0)
            #expect(
                document.warnings.contains {
                    $0.contains("ahead of the server's") && $0.contains("2 h")
                        || $0.contains("1 h 59")
                })
        }
    }
}
