import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenDoctorTests {
    /// A machine where nothing is wrong, but for what nobody starts.
    private static func soundMachine() async throws -> Installation {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "7", expiresIn: 3000)
            return installation
        }
    }

    private func findings(_ result: ProgramResult) -> [(severity: String, text: String)] {
        let all = result.json["findings"] as? [[String: Any]] ?? []
        return all.map { finding in
            let text = ["check", "seen", "why", "remedy"].map { finding[$0] as? String ?? "-" }
            return (finding["severity"] as? String ?? "", text.joined(separator: "\n"))
        }
    }

    /// That it finds one thing, with this severity, and ends with this code.
    private func expect(
        _ machine: Installation, _ code: Int32, _ severity: String, _ words: String...,
        arguments: [String] = [], launcher: [String] = [], prelude: String = ":",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var program = machine.program("teams-token")
        program.launcher = launcher
        program.prelude = prelude
        let result = try await program.run(["doctor", "--json"] + arguments)
        let found = findings(result).filter { $0.severity == severity }
        #expect(
            found.contains { finding in words.allSatisfy(finding.text.contains) }, "\(result)",
            sourceLocation: sourceLocation)
        #expect(result.exitCode == code, "\(result)", sourceLocation: sourceLocation)
        #expect(result.json["exit_code"] as? Int == Int(code), sourceLocation: sourceLocation)
        let name = ExitStatus.name(ofCode: code)
        #expect(
            code == 0
                ? result.standardError == ""
                : result.standardError.hasPrefix("teams-token: \(name) (\(code)): "),
            sourceLocation: sourceLocation)
    }

    @Test func `on a sound machine nothing is found, and nothing is changed`() async throws {
        let machine = try await Self.soundMachine()
        try machine.execute("PRAGMA journal_mode = DELETE")
        let files = { try FileManager.default.contentsOfDirectory(atPath: machine.directory.path) }
        let before = (try files().sorted(), machine.directory.contents("teams.sqlite3"))
        let result = try await machine.teamsToken("doctor")
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.standardError == "")
        #expect(result.standardOutput.contains("0 problems, 0 warnings, "), "\(result)")
        #expect(try before.0 == files().sorted())
        #expect(before.1 == machine.directory.contents("teams.sqlite3"))
    }

    // MARK: Settings

    @Test func `a wrong setting is found where it stands`() async throws {
        let machine = try await Self.soundMachine()
        try machine.directory.write("# mine\nTEAMS_CLOUD=mars\nTEAMS_TENANT=x\n", to: "config.env")
        let file = machine.directory.file("config.env")
        try await expect(
            machine, 78, "problem", "configuration", "\(file):2: TEAMS_CLOUD", "CONFIG (78)")
        try await expect(machine, 78, "problem", "\(file):3: TEAMS_TENANT")
    }

    @Test func `without a client the rest is looked at all the same`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_CLIENT_ID"] = nil
        machine.environment["TEAMS_CLIENT_SECRET"] = nil
        try machine.execute("DROP INDEX idx_expires_at")
        try await expect(machine, 78, "problem", "TEAMS_CLIENT_ID: not set", "put the application")
        try await expect(machine, 78, "warning", "no index on expires_at")
    }

    @Test(arguments: [
        (
            "TEAMS_REFRESH_BEFORE", "20m", "less than two pass intervals of 15m",
            "TEAMS_REFRESH_BEFORE=45m"
        ),
        ("TEAMS_MAX_DURATION", "20m", "the next pass starts after 15m", "TEAMS_MAX_DURATION=12m"),
        ("TEAMS_CLEINT_ID", "x", "TEAMS_CLEINT_ID", "TEAMS_CLIENT_ID"),
        (
            "TEAMS_LOG_FILE", "/nowhere/log", "TEAMS_LOG_FILE /nowhere/log can't be written",
            "nobody hears of them"
        ),
        (
            "TEAMS_METRICS_FILE", "/nowhere/m.prom", "TEAMS_METRICS_FILE /nowhere/m.prom",
            "nobody hears of them"
        ),
    ])
    func `settings that work badly are warned of`(
        key: String, value: String, seen: String, remedy: String
    ) async throws {
        var machine = try await Self.soundMachine()
        machine.environment[key] = value
        try await expect(machine, 0, "warning", seen, remedy)
    }

    @Test func `a lead that is shorter than the interval is no small matter`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_REFRESH_BEFORE"] = "14m"
        try await expect(
            machine, 78, "problem", "TEAMS_REFRESH_BEFORE is 14m, less than the 15m",
            "expire between two passes", "TEAMS_REFRESH_BEFORE=45m")
        machine.environment["TEAMS_REFRESH_BEFORE"] = "15m"
        try await expect(machine, 0, "warning", "less than two pass intervals of 15m")
    }

    @Test func `a certificate file without a certificate is told before a request is sent`()
        async throws
    {
        var machine = try await Self.soundMachine()
        try machine.directory.write("", to: "ca.pem")
        machine.environment["TEAMS_CA_FILE"] = machine.directory.file("ca.pem")
        let words = "TEAMS_CA_FILE: certificate file \(machine.directory.file("ca.pem")) is empty"
        try await expect(machine, 78, "problem", words, "CONFIG (78)", "name a PEM bundle")
        let doctor = try await machine.teamsToken("doctor")
        #expect(!doctor.standardOutput.contains("servers are trusted by"))
        let pass = try await machine.program("maintain-teams").run()
        #expect(pass.exitCode == 78)
        #expect(
            pass.firstErrorLine.hasPrefix("maintain-teams: CONFIG (78): environment: \(words); "))
    }

    @Test func `what cron does not hand over is missed`() async throws {
        let machine = try await Self.soundMachine()
        let arguments = ["--as-cron", "--config", machine.directory.file("config.env")]
        try await expect(machine, 78, "problem", "TEAMS_CLIENT_ID: not set", arguments: arguments)
        try await expect(
            machine, 78, "note", "in / with HOME=", "PATH=/usr/bin:/bin SHELL=/bin/sh",
            arguments: arguments)
        try await expect(
            machine, 78, "warning", "not under cron: TEAMS_AUTHORITY_HOST, TEAMS_CLIENT_ID, ",
            "config.env", arguments: arguments)
        let settings = ["TEAMS_CLIENT_ID", "TEAMS_CLIENT_SECRET", "TEAMS_DATABASE"].map {
            "\($0)=\(machine.environment[$0] ?? "")\n"
        }
        try machine.directory.write(settings.joined(), to: "config.env")
        let result = try await machine.program("teams-token").run(["doctor"] + arguments)
        #expect(result.exitCode == 0, "\(result)")
    }

    @Test func `a secret's ID is no secret`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_CLIENT_SECRET"] = "3F2B7C1E-0d5a-4a55-9d0e-1f2a3b4c5d6e"
        try await expect(
            machine, 0, "warning", "the form of a secret's ID", "AADSTS7000215", "copy the Value")
    }

    // MARK: Files

    /// Whether programs of other users can be started here, and reach what was built.
    private static let canBecomeNobody =
        geteuid() == 0
        && (try? ChildProcess([
            "setpriv", "--reuid", "65534", "--clear-groups", "ls",
            URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .path,
        ]).wait()) == 0

    /// No directory above it shelters what is in it.
    private static func openMachine() async throws -> Installation {
        let machine = try await soundMachine()
        try machine.setMode(0o755)
        return machine
    }

    @Test func `modes that are too open are found`() async throws {
        let machine = try await Self.openMachine()
        try machine.setMode(0o644, of: "teams.sqlite3")
        try await expect(machine, 0, "warning", "the world can read it", "chmod 0640")
        try machine.setMode(0o666, of: "teams.sqlite3")
        try await expect(machine, 77, "problem", "the world can write it", "chmod 0660")
        try machine.setMode(0o600, of: "teams.sqlite3")
        try machine.setMode(0o777)
        try await expect(machine, 0, "warning", "can be written by everybody", "chmod o-w")
        try machine.setMode(0o700)
        try machine.directory.write("", to: "teams.sqlite3.maintain-teams.lock")
        try machine.setMode(0o644, of: "teams.sqlite3.maintain-teams.lock")
        try await expect(machine, 0, "warning", "the lock", "open to everybody", "chmod o-rwx")
        try machine.directory.write("TEAMS_CLIENT_SECRET=canary\n", to: "config.env")
        try machine.setMode(0o755)
        try machine.setMode(0o644, of: "config.env")
        try await expect(machine, 77, "problem", "config file that holds a secret", "chmod 0640")
    }

    @Test(.enabled(if: canBecomeNobody, "needs root, and a build directory that all may enter"))
    func `what another user may not write is found`() async throws {
        let machine = try await Self.openMachine()
        let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        try machine.setMode(0o644, of: "teams.sqlite3")
        try machine.setMode(0o644, of: "config.env")
        try machine.execute("PRAGMA journal_mode = DELETE")
        let database = machine.databasePath
        try await expect(
            machine, 77, "problem", "teams.sqlite3 can't be written by this user",
            "PERMISSION (77)", "`chgrp nogroup \(database) && chmod g+rw \(database)`",
            launcher: nobody)
        try await expect(
            machine, 77, "problem", "\(machine.directory.path) can't be written",
            "chmod g+rwxs", launcher: nobody)
        try machine.setMode(0o660, of: "teams.sqlite3")
        chown(database, 0, 65534)
        for suffix in ["-wal", "-shm", "-journal"] {
            try machine.directory.write("", to: "teams.sqlite3" + suffix)
            try await expect(
                machine, 77, "problem", "teams.sqlite3\(suffix), which root has made,",
                "DATABASE (74)",
                "`chown --reference=\(database) \(database)\(suffix) && chmod --reference=",
                launcher: nobody)
        }
        try machine.directory.write("", to: "teams.sqlite3.maintain-teams.lock")
        try await expect(
            machine, 77, "problem", "the lock", "out of reach", "chown --reference",
            launcher: nobody)
        try await expect(machine, 0, "note", "checked as root", "sudo -u")
    }

    @Test(
        .enabled(if: canBecomeNobody, "needs root, and a build directory that all may enter"),
        arguments: [0o644, 0o600])
    func `one command lets this user read a secret of root's, and nobody else`(
        mode: Int
    ) async throws {
        var machine = try await Self.openMachine()
        try machine.setMode(0o644, of: "config.env")
        try machine.directory.write("canary", to: "secret")
        try machine.setMode(mode, of: "secret")
        machine.environment["TEAMS_CLIENT_SECRET"] = nil
        machine.environment["TEAMS_CLIENT_SECRET_FILE"] = machine.directory.file("secret")
        var doctor = machine.program("teams-token")
        doctor.becomeNobody()
        let aboutSecret = { () async throws -> [String] in
            let found = try await doctor.run("doctor", "--json")
            return findings(found).map(\.text).filter { $0.contains("secret file") }
        }
        let found = try await aboutSecret()
        let remedy = try #require(found.first?.split(separator: "\n").last)
        let command = try #require(remedy.firstRange(of: "chown nobody "))
        #expect(found.count == 1)
        try ChildProcess(["/bin/sh", "-c", String(remedy[command.lowerBound...])]).wait()
        #expect(try await aboutSecret() == [])
        #expect(FilePaths.canRead(machine.directory.file("secret")))
    }

    @Test func `a spool directory that is missing or open is found`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_SPOOL_DIRECTORY"] = machine.directory.file("spool")
        try await expect(
            machine, 74, "problem", "the spool directory", "is not there", "install -d")
        try FileManager.default.createDirectory(
            atPath: machine.directory.file("spool"), withIntermediateDirectories: false)
        try machine.setMode(0o777, of: "spool")
        try await expect(machine, 0, "warning", "the spool directory", "written by everybody")
    }

    @Test func `what an earlier pass left is found`() async throws {
        let machine = try await Self.soundMachine()
        try machine.leaveBehind(".maintain-teams.spool")
        try await expect(
            machine, 0, "warning", "1 received answer", "the only copy", "never delete")
        try machine.leaveBehind(".maintain-teams.spool.refused")
        try await expect(machine, 74, "problem", "a rule of the table refuses them")
        try machine.directory.write(
            String(repeating: "x", count: 100), to: "teams.sqlite3.maintain-teams.spool")
        try await expect(
            machine, 74, "problem", "is no spool of this version", "let the version that wrote it")
    }

    @Test(arguments: [
        (78, #"{"due":1,"reason":"the client secret is wrong"}"#, ": the client secret is wrong"),
        (74, #"{"due":1}"#, ""), (77, "no JSON", ""),
    ])
    func `a last pass that failed for everybody is told`(
        code: Int32, summary: String, words: String
    ) async throws {
        let machine = try await Self.soundMachine()
        #expect(try await machine.program("maintain-teams").run().exitCode == 0)
        let add = { (runID: String, code: Int32, summary: String) in
            try machine.execute(
                """
                INSERT INTO maintain_teams_passes (run_id, started_at, finished_at, exit_code, summary)
                VALUES ('\(runID)', unixepoch() - 360, unixepoch() - 360, \(code), '\(summary)')
                """)
        }
        _ = try await machine.teamsToken("refresh", "--all")
        try machine.forgetPasses()
        try add("failed", code, summary)
        let name = ExitStatus.name(ofCode: code)
        try await expect(
            machine, code, "problem",
            "the last pass, 6 min ago, ended with \(name) (\(code))\(words)\n",
            "run `maintain-teams`")
        // What somebody asked for by name says nothing of the job; the next whole pass does.
        try add("named", 0, JournalEntry.partialSummary)
        try await expect(machine, code, "problem", "the last pass, ")
        try add("next", 75, "{}")
        let result = try await machine.teamsToken("doctor")
        #expect(result.exitCode == 0 && !result.standardOutput.contains("the last pass"))
    }

    @Test func `the journal keeps why the application was refused`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 300)
            sandbox.script(
                user: "7", faults: [Fault(.refused("invalid_client", codes: [7_000_215]))])
            #expect(try await installation.program("maintain-teams").run().exitCode == 78)
            try await expect(
                installation, 78, "problem", "ended with CONFIG (78): the client secret is wrong")
        }
    }

    // MARK: The table

    @Test func `a database that is not there or not ours is found`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_DATABASE"] = machine.directory.file("none")
        try await expect(machine, 74, "problem", "no database at", "teams-token init")
        machine.environment["TEAMS_DATABASE"] = machine.directory.file("other")
        let other = try Database(
            path: machine.directory.file("other"), mode: .create, busyTimeout: .seconds(5))
        try other.execute("CREATE TABLE t (x)")
        try await expect(machine, 74, "problem", "no table oauth_tokens")
    }

    @Test(arguments: [
        ("DROP INDEX idx_expires_at", "no index on expires_at", "CREATE INDEX"),
        (
            "UPDATE oauth_tokens SET refresh_token = ' '", "1 of 1 connections have no refresh",
            "offline_access"
        ),
        (
            "UPDATE oauth_tokens SET expires_at = '0000-00-00 00:00:00'",
            "can't be read, as that of user 7", "mend"
        ),
    ])
    func `what is wrong with the table or its rows is found`(
        sql: String, seen: String, remedy: String
    ) async throws {
        let machine = try await Self.soundMachine()
        try machine.execute(sql)
        try await expect(machine, 0, "warning", seen, remedy)
    }

    @Test func `a table of another provider is told by whoever finds nothing in it`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_PROVIDER"] = "azure"
        let words = "no row has the provider azure; the table has rows of microsoft"
        try await expect(machine, 0, "warning", words, "TEAMS_PROVIDER=microsoft")
        let unknown = try await machine.program("maintain-teams").run("--dry-run", "--user", "7")
        #expect(unknown.exitCode == 64)
        #expect(unknown.standardError.contains("hint: \(words): set TEAMS_PROVIDER=microsoft"))
        let pass = try await machine.program("maintain-teams").run("--dry-run", "--json")
        #expect(pass.exitCode == 0)
        #expect((pass.json["warnings"] as? [String])?.first?.hasPrefix(words) == true)
        let spoken = try await machine.program("maintain-teams").run("--dry-run", "-v")
        #expect(spoken.standardError.contains("warning: \(words)"))
        // An empty table is as good as any.
        try machine.execute("DELETE FROM oauth_tokens")
        let empty = try await machine.program("maintain-teams").run("--dry-run", "--json")
        #expect(empty.json["warnings"] as? [String] == [])
        try await expect(machine, 0, "ok", "0 connections of provider azure")
    }

    @Test func `a user with two rows is found`() async throws {
        let machine = try await Self.soundMachine()
        for sql in [
            "CREATE TABLE copy AS SELECT * FROM oauth_tokens", "DROP TABLE oauth_tokens",
            "ALTER TABLE copy RENAME TO oauth_tokens",
            "INSERT INTO oauth_tokens SELECT * FROM oauth_tokens",
        ] { try machine.execute(sql) }
        try await expect(
            machine, 0, "warning", "no unique index on (user_id, provider)", "CREATE UNIQUE")
        try await expect(
            machine, 0, "warning", "1 user has more than one row", "delete the old ones")
    }

    @Test func `times with an offset are noted, times of another zone warned of`() async throws {
        let machine = try await Self.soundMachine()
        try machine.execute("UPDATE oauth_tokens SET expires_at = '2030-01-01T12:00:00+02:00'")
        try await expect(machine, 0, "note", "1 of 1 times have an offset", "in UTC")
        let claims = Data(#"{"exp":1893502800}"#.utf8).base64EncodedString()
        try machine.execute(
            "UPDATE oauth_tokens SET expires_at = '2030-01-01 15:00:00', access_token = 'eyJhbGciOiJub25lIn0.\(claims).x'"
        )
        try await expect(
            machine, 0, "warning", "expires_at is 2 hours later", "TEAMS_DATABASE_TIMEZONE")
    }

    // MARK: The machine and the network

    @Test func `too few descriptors are found`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_CONCURRENCY"] = "500"
        try await expect(
            machine, 0, "warning", "may have 52 connections", "ulimit -n", prelude: "ulimit -n 100")
    }

    @Test func `a libcurl that can't be loaded is found`() async throws {
        var machine = try await Self.soundMachine()
        try machine.directory.write("", to: "libcurl.so.4")
        machine.environment["LD_LIBRARY_PATH"] = machine.directory.path
        try await expect(machine, 75, "problem", "libcurl can't be loaded", "apt-get install")
    }

    @Test func `both hosts are asked when that is wished`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try await expect(installation, 0, "ok", "knows the tenant", arguments: ["--online"])
            try await expect(installation, 0, "ok", "v1.0 answers", arguments: ["--online"])
            try await expect(installation, 0, "ok", "clock agrees", arguments: ["--online"])
            var offline = installation
            // Port 9 of the loopback: discard, where nobody listens.
            offline.environment["TEAMS_AUTHORITY_HOST"] = "http://127.0.0.1:9"
            try await expect(
                offline, 75, "problem", "http://127.0.0.1:9: ", "curl -v", arguments: ["--online"])
        }
        var configuration = SandboxConfiguration()
        configuration.usesTLS = true
        try await Sandbox.withSandbox(configuration) { sandbox in
            let installation = try await Installation.initialized(sandbox)
            try await expect(
                installation, 75, "problem", sandbox.baseURL, "not trusted", "TEAMS_CA_FILE",
                arguments: ["--online"])
        }
    }

    @Test func `no secret is told`() async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_CLIENT_SECRET"] = "canary-secret"
        try machine.execute(
            "UPDATE oauth_tokens SET access_token = 'canary-access', refresh_token = 'canary-refresh', expires_at = 'canary'"
        )
        try machine.leaveBehind(".maintain-teams.spool")
        for arguments in [
            ["doctor"], ["doctor", "--json"], ["health", "--json"], ["health", "--nagios"],
        ] {
            let result = try await machine.program("teams-token").run(arguments)
            #expect(!(result.standardOutput + result.standardError).contains("canary"))
        }
    }

    @Test(arguments: [80, 40])
    func `a narrow screen breaks lines between words`(columns: Int) async throws {
        var machine = try await Self.soundMachine()
        machine.environment["TEAMS_CLIENT_ID"] = nil
        try machine.execute("DROP INDEX idx_expires_at")
        let terminal = try await Terminal(
            columns: columns, rows: 120, environment: machine.environment,
            [machine.program("teams-token").path, "doctor"])
        let screen = try await terminal.finalScreen()
        #expect(screen.contains { $0.hasPrefix("warning  table: oauth_tokens has") })
        #expect(screen.last?.hasPrefix("1 problem, 1 warning, ") == true)
    }
}

extension Installation {
    /// - Parameter file: Nil is the directory.
    fileprivate func setMode(_ mode: Int, of file: String? = nil) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode],
            ofItemAtPath: file.map(directory.file) ?? directory.path)
    }
}
