import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenImportTests {
    private static let header = "user_id\tprovider\taccess_token\trefresh_token\texpires_at"

    private func `import`(
        _ installation: Installation, _ text: String, _ arguments: String...
    ) async throws -> ProgramResult {
        var program = installation.program("teams-token")
        program.input = .pipe(Array(text.utf8))
        return try await program.run(["import"] + arguments)
    }

    private func table(_ rows: String...) -> String {
        ([Self.header] + rows).joined(separator: "\n") + "\n"
    }

    @Test(arguments: [true, false])
    func `connections come from a pipe or a file`(isPipe: Bool) async throws {
        let installation = try await Installation.initialized()
        let text = table("7\tmicrosoft\tat\trt\t2026-11-22 12:00:00", "8\tgoogle\tat\trt\t1")
        try installation.directory.write(text, to: "dump.tsv")
        let result =
            isPipe
            ? try await self.import(installation, text, "-")
            : try await installation.teamsToken("import", installation.directory.file("dump.tsv"))
        #expect(result.exitCode == 0)
        #expect(result.standardOutput == "imported 1 connection\n")
        #expect(
            result.standardError
                == "teams-token: warning: skipped 1 row of other providers than microsoft (google); --provider chooses\n"
        )
        #expect(try installation.value("SELECT refresh_token FROM oauth_tokens") == .text("rt"))
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(1))
    }

    @Test func `the provider that is asked for decides whose rows are taken`() async throws {
        let installation = try await Installation.initialized()
        let text = table("7\tmicrosoft\tat\trt\t1", "8\tgoogle\tat\trt\t1", "9\tNULL\tat\trt\t1")
        let result = try await self.import(installation, text, "--provider", "google", "--json")
        #expect(result.exitCode == 0)
        #expect(result.json["imported"] as? Int == 2)
        #expect(result.json["skipped"] as? Int == 1)
        #expect(
            try installation.value("SELECT group_concat(user_id || provider) FROM oauth_tokens")
                == .text("8google,9google"))
    }

    @Test func `JSON tells what was done`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "8", expiresIn: 60)
        let text = """
            {"user_id":7,"access_token":"at","refresh_token":"rt","expires_at":1,"note":"x"}
            {"user_id":8,"access_token":"at","refresh_token":"rt","expires_at":1}
            """
        let result = try await self.import(installation, text, "--json", "--replace")
        #expect(result.exitCode == 0)
        #expect(
            result.standardOutput
                == #"{"imported":2,"replaced":1,"skipped":0,"ignored_columns":["note"],"warnings":["ignored what is no column here: note"]}"#
                + "\n")
        #expect(result.standardError == "")
        #expect(
            try installation.value("SELECT refresh_token FROM oauth_tokens WHERE user_id = 8")
                == .text("rt"))
    }

    @Test func `bad lines are named, at most twenty, and the database stays as it was`()
        async throws
    {
        let installation = try await Installation.initialized()
        let before = installation.directory.contents("teams.sqlite3")
        let text =
            table("7\tmicrosoft\tCANARY\trt\t1")
            + (1...30).map { "\($0)\tmicrosoft\tNULL\tCANARY\t1\n" }.joined()
        let result = try await self.import(installation, text)
        #expect(result.exitCode == 64)
        #expect(result.standardOutput == "")
        #expect(
            result.errorLines.prefix(2) == [
                "teams-token: USAGE (64): nothing was imported: 30 lines are wrong",
                "  line 3: access_token: is NULL; give it a value, or leave the line out",
            ])
        #expect(result.errorLines.count == 22)
        #expect(result.errorLines.last == "  and 10 more")
        #expect(!result.standardError.contains("CANARY"))
        #expect(installation.directory.contents("teams.sqlite3") == before)
        #expect(!installation.directory.exists("teams.sqlite3-wal"))
    }

    @Test func `a user who is there already is replaced only if that is asked for`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 60)
        let text = table("8\tmicrosoft\tat\trt\t1", "7\tmicrosoft\tat\trt\t1")
        let refused = try await self.import(installation, text)
        #expect(refused.exitCode == 64)
        #expect(
            refused.standardError == """
                teams-token: USAGE (64): nothing was imported: 1 line is wrong
                  line 3: user_id: this user is in the table already
                  hint: --replace overwrites the connections that are in the table already

                """)
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(1))
        let replaced = try await self.import(installation, text, "--replace")
        #expect(replaced.standardOutput == "imported 2 connections, 1 of them replaced\n")
    }

    @Test func `a failure of the connection that was replaced no longer counts`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            #expect(try await installation.teamsToken("refresh", "7").exitCode == 10)
            let text = table(
                "7\tmicrosoft\tat\t\(Sandbox.refreshToken(user: "70"))\t2026-01-01 00:00:00")
            #expect(try await self.import(installation, text, "--replace").exitCode == 0)
            let pass = try await installation.program("maintain-teams").run("--json")
            #expect(pass.exitCode == 0)
            #expect((pass.json["counts"] as? [String: Int])?["refreshed"] == 1)
        }
    }

    @Test func `without a database it says how to make one`() async throws {
        let installation = try Installation()
        let result = try await self.import(installation, table("7\tmicrosoft\tat\trt\t1"))
        #expect(result.exitCode == 74)
        #expect(result.standardError.contains("`teams-token init`"))
    }

    @Test(arguments: ["missing.tsv", "."])
    func `a file that can't be read is told`(name: String) async throws {
        let installation = try await Installation.initialized()
        let result = try await installation.teamsToken(
            "import", installation.directory.file(name))
        #expect(result.exitCode == 64)
        #expect(result.firstErrorLine.hasPrefix("teams-token: USAGE (64): "))
        #expect(result.standardError.contains("hint: name a file"))
    }

    @Test func `no input at all is no success`() async throws {
        let installation = try await Installation.initialized()
        let result = try await installation.teamsToken("import", "--json")
        #expect(result.exitCode == 64)
        #expect(result.json["result"] as? String == "usage")
        #expect(
            result.standardError.contains(
                "so prints mysql when it fails, or when a table is empty"))
    }

    @Test func `ten thousand rows with long tokens come back as they were`() async throws {
        let installation = try await Installation.initialized()
        let columns =
            "user_id, provider, access_token, refresh_token, token_type, expires_at, scope, created_at, updated_at"
        let token = { (user: Int, length: Int) in
            String(repeating: "\(user)-abcdefgh", count: length / 10)
        }
        var lines = [columns.split(separator: ", ").joined(separator: "\t")]
        for user in 1...10_000 {
            let day = user % 28 + 1
            lines.append(
                "\(user)\tmicrosoft\t\(token(user, 300))\t\(token(user, 200))\tBearer\t"
                    + "2026-11-\(day < 10 ? "0" : "")\(day) 12:00:00\t"
                    + "\(user % 3 == 0 ? "NULL" : "a b\\\\c\\td")\t2020-01-01 00:00:00\t2021-01-01 00:00:00"
            )
        }
        let dump = lines.joined(separator: "\n") + "\n"
        let result = try await self.import(installation, dump)
        #expect(result.exitCode == 0)
        #expect(result.standardOutput == "imported 10000 connections\n")
        // As mysql --batch would print it again.
        var back = [lines[0]]
        let database = try Database(
            path: installation.databasePath, mode: .readOnly, busyTimeout: .seconds(5))
        let rows = try database.prepare(
            text: "SELECT \(columns) FROM oauth_tokens ORDER BY user_id")
        while try rows.step() {
            back.append(
                (0..<9).map { column in
                    rows.isNull(column)
                        ? "NULL"
                        : rows.text(column).replacingOccurrences(of: "\\", with: "\\\\")
                            .replacingOccurrences(of: "\t", with: "\\t")
                }.joined(separator: "\t"))
        }
        #expect(back == lines)
    }
}
