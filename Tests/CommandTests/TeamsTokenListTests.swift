import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenListTests {
    /// A connection of every state but those that only a pass can find.
    private static func mixed() async throws -> Installation {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 23 * 60 + 30)
        try installation.insert(user: "8", expiresIn: -3 * 3600 - 30)
        try installation.insert(user: "9", expiresIn: 2 * 3600 + 630)
        try installation.insert(user: "10", expiresIn: 5 * 86_400 + 60, refreshToken: .some(nil))
        try installation.insert(
            user: "11", expiresAt: .text("0000-00-00 00:00:00"), accessToken: "a", refreshToken: "r"
        )
        return installation
    }

    @Test func `the table is aligned and ends with a summary`() async throws {
        let installation = try await Self.mixed()
        let result = try await installation.teamsToken("list")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        try Snapshot.expect(result.standardOutput, is: "list")
    }

    @Test(arguments: [
        (["--due"], ["7", "8"], "2 of 5 connections: 1 due, 1 expired"),
        (["--needs-reauth"], ["10"], "1 of 5 connections: 1 no refresh token"),
        (
            ["--due", "--needs-reauth"], ["7", "8", "10"],
            "3 of 5 connections: 1 due, 1 expired, 1 no refresh token"
        ),
    ])
    func `it can be narrowed to what waits for somebody`(
        options: [String], users: [String], summary: String
    ) async throws {
        let installation = try await Self.mixed()
        let result = try await installation.program("teams-token").run(["list"] + options)
        #expect(
            result.lines.dropFirst().dropLast().map { $0.split(separator: " ")[0] }
                == users.map { $0[...] })
        #expect(result.lines.last == summary)
    }

    @Test func `states, causes and codes are those of the last pass`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "1", expiresIn: 600)
            try installation.insert(user: "2", expiresIn: 600)
            try installation.insert(user: "3", expiresIn: 600)
            sandbox.script(
                user: "2",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            sandbox.script(user: "3", faults: [Fault(.refused("invalid_grant", codes: [65_001]))])
            let pass = try await installation.teamsToken("refresh", "--all")
            #expect(pass.exitCode == 10)

            let rows = try #require(
                try await installation.teamsToken("list", "--json").json["connections"]
                    as? [[String: Any]])
            #expect(
                rows.map { $0["state"] as? String } == [
                    "fresh", "reauth_required", "consent_required",
                ])
            #expect(rows[1]["codes"] as? [Int] == [50_173])
            #expect(rows[1]["suberror"] as? String == "bad_token")
            #expect(
                rows.map { $0["verdict"] as? String } == [
                    "refreshed", "reauth_required", "consent_required",
                ])
            #expect(rows[0]["last_refreshed_at"] is String)

            let needing = try await installation.teamsToken("list", "--needs-reauth")
            #expect(needing.lines.last == "2 of 3 connections: 1 needs sign-in, 1 needs consent")
        }
    }

    @Test func `what failed before another sign-in no longer counts`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "2", expiresIn: 600)
            sandbox.script(
                user: "2",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            _ = try await installation.teamsToken("refresh", "2")
            #expect(
                try await installation.teamsToken("list").lines.last
                    == "1 connection: 1 needs sign-in")
            try installation.execute("UPDATE oauth_tokens SET refresh_token = 'another'")
            #expect(try await installation.teamsToken("list").lines.last == "1 connection: 1 due")
        }
    }

    @Test func `a shell without the client's settings sees the same states`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "2", expiresIn: 600)
            sandbox.script(
                user: "2",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            _ = try await installation.teamsToken("refresh", "2")
            var bare = installation
            bare.environment = bare.environment.filter { !$0.key.hasPrefix("TEAMS_CLIENT") }
            #expect(try await bare.teamsToken("list").lines.last == "1 connection: 1 needs sign-in")
        }
    }

    @Test func `CSV has a header, CR LF and quotes where they are needed`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "a,\"b\"\nc", expiresAt: .integer(4_000_000_000), accessToken: "a",
            refreshToken: "r")
        let result = try await installation.teamsToken("list", "--csv")
        #expect(
            result.standardOutput == """
                user_id,provider,state,expires_at,last_refreshed_at,verdict,since,next_attempt_at,error,suberror,codes,message\r
                "a,""b""\nc",microsoft,fresh,2096-10-02T07:06:40Z,,,,,,,,\r

                """)
    }

    @Test func `CSV shows a person no control characters, and gives a program every byte`()
        async throws
    {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "a\u{1B}[31mb", expiresAt: .text("2026-11-22 12:00:00"), accessToken: "a",
            refreshToken: "r")
        let piped = try await installation.teamsToken("list", "--csv")
        #expect(piped.standardOutput.contains("\r\na\u{1B}[31mb,microsoft,"))
        var program = installation.program("teams-token")
        program.output = .terminal(columns: 80)
        let shown = try await program.run("list", "--csv")
        #expect(!shown.standardOutput.contains("\u{1B}"))
        #expect(shown.standardOutput.contains("a?[31mb,microsoft,"))
    }

    @Test func `a row without an access token is expired, as status says`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 36000)
        try installation.execute("UPDATE oauth_tokens SET access_token = ''")
        let list = try await installation.teamsToken("list")
        #expect(list.lines.last == "1 connection: 1 expired")
        let status = try await installation.teamsToken("status", "7")
        #expect(status.exitCode == 75)
        #expect(status.json["status"] as? String == "expired")
        let show = try await installation.program("teams-token").run(["show", "7", "--json"])
        #expect(
            (show.json["connections"] as? [[String: Any]])?.first?["state"] as? String == "expired")
    }

    @Test func `identifiers keep their type and their length in JSON`() async throws {
        let installation = try await Installation.initialized()
        let long = String(repeating: "long-", count: 60)
        for user in ["7", "x7", long] { try installation.insert(user: user, expiresIn: 5000) }
        let result = try await installation.teamsToken("list", "--json")
        let rows = try #require(result.json["connections"] as? [[String: Any]])
        #expect(rows[0]["user_id"] as? Int == 7)
        #expect(result.standardOutput.contains(#""user_id":"\#(long)""#))
    }

    @Test func `wide characters and long identifiers keep the columns in place`() async throws {
        let installation = try await Installation.initialized()
        for user in [
            "ユーザー山田", "e\u{301}mile", "évil\u{1B}[31m", String(repeating: "x", count: 200),
        ] {
            try installation.insert(user: user, expiresIn: 23 * 60 + 30)
        }
        let result = try await installation.teamsToken("list")
        let rows = result.lines.dropLast()
        #expect(rows.allSatisfy { DisplayWidth.of($0) <= 120 })
        let places = rows.dropFirst().compactMap { row in
            row.range(of: "  due").map {
                DisplayWidth.of(String(row[..<$0.lowerBound]).padded(to: 0))
            }
        }
        #expect(places.count == 4)
        #expect(!result.standardOutput.contains("\u{1B}"))
        try Snapshot.expect(result.standardOutput, is: "list-wide")
    }

    @Test(arguments: [UInt16(40), 60, 80, 200])
    func `on a terminal it takes the terminal's width, and colours`(columns: UInt16) async throws {
        let installation = try await Self.mixed()
        var runner = installation.program("teams-token")
        runner.output = .terminal(columns: columns)
        let result = try await runner.run("list")
        let plain = result.standardOutput.replacingOccurrences(
            of: "\u{1B}\\[[0-9]*m", with: "", options: .regularExpression)
        #expect(
            plain.split(separator: "\n").dropLast().allSatisfy {
                DisplayWidth.of(String($0)) <= Int(columns)
            })
        #expect(result.standardOutput.contains("\u{1B}[33mdue"))

        runner.environment["NO_COLOR"] = "1"
        #expect(try await runner.run("list").standardOutput == plain)
    }

    @Test func `many connections come page by page, in order of user`() async throws {
        let installation = try await Installation.initialized()
        try installation.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            SELECT i * 7919 % 100003, 'a', 'r', 4000000000 FROM n
            """)
        let table = try await installation.teamsToken("list")
        #expect(table.lines.count == 2502)
        #expect(
            Set(
                table.lines.dropLast().compactMap {
                    $0.range(of: "fresh|STATE", options: .regularExpression)?.lowerBound
                        .utf16Offset(in: $0)
                }
            ).count == 1)
        #expect(table.lines.last == "2500 connections: 2500 fresh")
        let rows = try #require(
            try await installation.teamsToken("list", "--json").json["connections"]
                as? [[String: Any]])
        let users = rows.compactMap { $0["user_id"] as? Int }
        #expect(users.count == 2500)
        #expect(users == users.sorted())
    }

    @Test func `a full disk behind stdout is a failure`() async throws {
        let installation = try await Self.mixed()
        var runner = installation.program("teams-token")
        runner.output = .file("/dev/full")
        let result = try await runner.run("list")
        #expect(result.exitCode == 1)
        #expect(
            result.firstErrorLine
                == "teams-token: INTERNAL (1): write the output: No space left on device")
    }

    @Test func `asking creates nothing beside the database's own files`() async throws {
        let installation = try await Self.mixed()
        _ = try await installation.teamsToken("list")
        let files = try FileManager.default.contentsOfDirectory(atPath: installation.directory.path)
        #expect(
            Set(files).isSubset(of: [
                "config.env", "teams.sqlite3", "teams.sqlite3-wal", "teams.sqlite3-shm",
            ]))
        #expect(
            try installation.value("SELECT count(*) FROM sqlite_master WHERE name LIKE 'maintain%'")
                == .integer(0))
    }

    @Test func `a database that is not there is told with what helps`() async throws {
        let installation = try Installation()
        let result = try await installation.teamsToken("list", "--json")
        #expect(result.exitCode == 74)
        #expect(
            result.standardError == """
                teams-token: DATABASE (74): no database at \(installation.databasePath)
                  hint: set TEAMS_DATABASE to the application's SQLite file, or create one with `teams-token init`

                """)
        #expect(result.json["result"] as? String == "database")
    }

    @Test func `a database that the world can write is refused`() async throws {
        let installation = try await Self.mixed()
        // The temporary directory is closed to others, which shelters what is in it.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: installation.directory.path)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o666], ofItemAtPath: installation.databasePath)
        let result = try await installation.teamsToken("list")
        #expect(result.exitCode == 77)
        #expect(result.firstErrorLine.contains("chmod 0660"))
    }
}
