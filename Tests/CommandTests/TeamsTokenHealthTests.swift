import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenHealthTests {
    /// A machine with our tables, an empty journal, and nothing in its environment but the database.
    private static func machine() async throws -> Installation {
        try await Installation.withSandbox { _, installation in
            _ = try await installation.teamsToken("refresh", "--all")
            try installation.forgetPasses()
            var bare = installation
            bare.environment = ["TEAMS_DATABASE": installation.databasePath]
            return bare
        }
    }

    /// One that passes look after: one came five minutes ago.
    private static func soundMachine() async throws -> Installation {
        let machine = try await machine()
        try machine.insert(user: "7", expiresIn: 3050)
        try machine.addPass("sound", minutesAgo: 5, code: 0)
        return machine
    }

    /// By exit status, by Nagios state and by JSON, which agree.
    private func expect(
        _ machine: Installation, _ code: Int32, _ nagios: Int32, _ finding: String?,
        _ words: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let json = try await machine.teamsToken("health", "--json")
        let findings = json.json["findings"] as? [[String: Any]] ?? []
        let wrong = findings.filter { $0["state"] as? String != "ok" }
        #expect(
            wrong.first?["finding"] as? String == finding, "\(json)", sourceLocation: sourceLocation
        )
        #expect(
            words.isEmpty || (wrong.first?["message"] as? String)?.contains(words) == true,
            "\(json)",
            sourceLocation: sourceLocation)
        #expect(json.exitCode == code, "\(json)", sourceLocation: sourceLocation)
        #expect(json.json["exit_code"] as? Int == Int(code), sourceLocation: sourceLocation)
        let name = ExitStatus.name(ofCode: code)
        #expect(
            code == 0
                ? json.standardError == ""
                : json.standardError.hasPrefix("teams-token: \(name) (\(code)): "),
            sourceLocation: sourceLocation)
        let plugin = try await machine.teamsToken("health", "--nagios")
        #expect(plugin.exitCode == nagios, "\(plugin)", sourceLocation: sourceLocation)
        #expect(plugin.standardError == "", sourceLocation: sourceLocation)
        #expect(plugin.lines.count == 1, sourceLocation: sourceLocation)
        let state = NagiosState(rawValue: nagios)?.name ?? ""
        #expect(
            plugin.standardOutput.hasPrefix("TEAMS \(state) - "), "\(plugin)",
            sourceLocation: sourceLocation)
        #expect(json.json["state"] as? String == state.lowercased(), sourceLocation: sourceLocation)
    }

    @Test func `a machine whose passes come in time is well`() async throws {
        let machine = try await Self.soundMachine()
        try await expect(machine, 0, 0, nil)
        let text = try await machine.teamsToken("health")
        #expect(
            text.standardOutput == """
                OK        the last pass ended 5 min ago with OK (0)
                OK        no access token expires before the next pass, the first one in 50 min
                OK        no connection needs a person

                """)
    }

    @Test func `one that has seen no pass is unknown`() async throws {
        let machine = try await Installation.initialized()
        try machine.insert(user: "7", expiresIn: 60)
        try await expect(machine, 75, 3, "no_pass", "no pass yet")
    }

    @Test(
        arguments: [
            (10, 0, 0, nil), (75, 75, 1, "last_pass"), (12, 75, 1, "last_pass"),
            (143, 75, 1, "last_pass"), (1, 75, 3, "last_pass"), (74, 74, 3, "last_pass"),
            (78, 78, 3, "last_pass"),
        ] as [(Int32, Int32, Int32, String?)])
    func `the last pass counts by its exit code`(
        last: Int32, code: Int32, nagios: Int32, finding: String?
    ) async throws {
        let machine = try await Self.soundMachine()
        try machine.addPass("last", minutesAgo: 1, code: last)
        try await expect(machine, code, nagios, finding)
    }

    @Test(
        arguments: [(29, 0, 0, nil), (31, 75, 2, "pass_missing")]
            as [(Double, Int32, Int32, String?)])
    func `two intervals without a pass are too long`(
        minutes: Double, code: Int32, nagios: Int32, finding: String?
    ) async throws {
        let machine = try await Self.machine()
        try machine.addPass("old", minutesAgo: minutes, code: 0)
        try await expect(machine, code, nagios, finding)
    }

    @Test func `without the notes of idle passes nobody knows whether passes came`() async throws {
        let machine = try await Self.machine()
        try machine.addPass("old", minutesAgo: 200, code: 0)
        let notes = IdleJournal(database: machine.databasePath).path
        // As unreadable for root as for anybody.
        symlink("/nonexistent", notes)
        try await expect(
            machine, 75, 3, "pass_missing",
            "no pass is known since 3 h 20 min ago, and the notes of passes that had nothing to do "
                + "can't be read: open \(notes): ")
        unlink(notes)
        try await expect(machine, 75, 2, "pass_missing", "no pass for 3 h 20 min")
        // A pass that has nothing to do, and whose note is lost.
        var job = machine.program("maintain-teams")
        job.environment["TEAMS_CLIENT_ID"] = "client"
        #expect(try await job.run().exitCode == 0)
        try await expect(machine, 0, 0, nil)
        unlink(notes)
        try await expect(machine, 75, 3, "pass_missing", "the lock names a later one")
        // A run that the journal knows, and one of long ago, are no sign of life.
        let lock = "teams.sqlite3.maintain-teams.lock"
        for words in [
            "since \(Date().rfc3339), run old", "since \((Date() - 3600).rfc3339), run new",
        ] {
            try machine.directory.write("maintain-teams, pid 1, \(words)\n", to: lock)
            try await expect(machine, 75, 2, "pass_missing", "no pass for 3 h 20 min")
        }
    }

    @Test func `passes that come and fail are no sign of life`() async throws {
        let machine = try await Self.machine()
        try machine.addPass("good", minutesAgo: 40, code: 10)
        try machine.addPass("bad", minutesAgo: 5, code: 78)
        try await expect(machine, 78, 2, "passes_fail", "no pass has succeeded for 40 min")
        // Each stream begins with the finding that its code is of.
        #expect(
            try await machine.teamsToken("health").standardError
                == "teams-token: CONFIG (78): the last pass ended 5 min ago with CONFIG (78) (and 1 more)\n"
        )
        #expect(
            try await machine.teamsToken("health", "--nagios").standardOutput.hasPrefix(
                "TEAMS CRITICAL - no pass has succeeded for 40 min (and 1 more) | "))
    }

    @Test func `passes over named users don't hide a dead scheduler`() async throws {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "7", expiresIn: 300)
            _ = try await installation.teamsToken("refresh", "--all")
            try installation.execute(
                "UPDATE maintain_teams_passes SET started_at = started_at - 3600, finished_at = finished_at - 3600"
            )
            let job = installation.program("maintain-teams")
            #expect(try await job.run("--user", "7", "--force").exitCode == 0)
            #expect(try await installation.teamsToken("refresh", "7").exitCode == 0)
            #expect(
                try await installation.teamsToken("access-token", "7", "--min-valid", "2h").exitCode
                    == 0)
            try await expect(installation, 75, 2, "pass_missing")
            let history = try await installation.teamsToken("history")
            #expect(
                history.lines.count { $0.contains("1 of 1") && $0.hasSuffix("named users only") }
                    >= 2)
            let passes =
                try await installation.teamsToken("history", "--json").json["passes"]
                as? [[String: Any]] ?? []
            #expect(passes.last?["partial"] as? Bool == false)
            #expect(passes.dropLast().allSatisfy { $0["partial"] as? Bool == true })
            #expect(try await job.run().exitCode == 0)
            try await expect(installation, 0, 0, nil)
        }
    }

    @Test(arguments: [(-10.0, "token_expired"), (300, "token_expiring")])
    func `a token that is lost, or will be, is critical`(
        seconds: Double, finding: String
    ) async throws {
        let machine = try await Self.soundMachine()
        try machine.insert(user: "8", expiresIn: seconds)
        try await expect(machine, 75, 2, finding, "1 access token")
        // Nobody can refresh one without a refresh token: doctor and list say so.
        try machine.execute("UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id = 8")
        try await expect(machine, 0, 0, nil)
    }

    @Test func `whoever must sign in is a warning, however dead the token`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            try installation.insert(user: "8", expiresIn: 60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50173]))])
            #expect(try await installation.program("maintain-teams").run().exitCode == 10)
            try await expect(installation, 10, 1, "need_person", "1 connection needs a person")
        }
    }

    @Test func `a pass that was killed, hangs or runs is told`() async throws {
        let machine = try await Self.soundMachine()
        let lock = "teams.sqlite3.maintain-teams.lock"
        try machine.execute(
            "INSERT INTO maintain_teams_passes (run_id, started_at) VALUES ('mine', unixepoch() - 60)"
        )
        try machine.directory.write("maintain-teams, pid 1, since then, run another\n", to: lock)
        try await expect(machine, 75, 1, "pass_unfinished", "was killed")
        let mine =
            "maintain-teams, pid \(ProcessInfo.processInfo.processIdentifier), since then, run mine\n"
        try machine.directory.write(mine, to: lock)
        try await expect(machine, 0, 0, nil)
        #expect(try await machine.teamsToken("health").standardOutput.contains("is under way"))
        try machine.execute(
            "UPDATE maintain_teams_passes SET started_at = unixepoch() - 1200 WHERE run_id = 'mine'"
        )
        try await expect(machine, 75, 1, "pass_unfinished", "still runs")
    }

    @Test func `what waits in the spool is told`() async throws {
        let machine = try await Self.soundMachine()
        try machine.leaveBehind(".maintain-teams.spool")
        try await expect(machine, 75, 1, "spool", "1 received answer")
        try machine.leaveBehind(".maintain-teams.spool.refused")
        try await expect(machine, 74, 3, "refused_by_table")
    }

    @Test func `a clock that has jumped is told`() async throws {
        let machine = try await Self.soundMachine()
        try machine.addPass("future", minutesAgo: -120, code: 0)
        try await expect(machine, 75, 1, "clock", "1 h 59 min from now")
    }

    @Test func `a check that can't be made is unknown, on one line`() async throws {
        var machine = try await Self.soundMachine()
        let usage = try await machine.teamsToken("health", "--nagios", "--jsn")
        #expect(usage.exitCode == 3)
        #expect(usage.standardOutput.hasPrefix("TEAMS UNKNOWN - USAGE (64): Unknown option"))
        #expect(usage.standardError == "")
        machine.environment["TEAMS_PASS_INTERVAL"] = "soon"
        try await expectUnknown(machine, "CONFIG (78)")
        machine.environment = ["TEAMS_DATABASE": machine.directory.file("a|b")]
        try await expectUnknown(machine, "DATABASE (74): no database at")
        #expect(try await machine.teamsToken("health").exitCode == 74)
    }

    @Test func `without settings it says where it has looked`() async throws {
        var machine = try Installation()
        let home = machine.directory.path
        machine.environment = ["HOME": home, "XDG_CONFIG_HOME": home]
        let words =
            "no settings were found in the environment or \(home)/maintain-teams/config.env or /etc/"
        try await expectUnknown(machine, "DATABASE (74): \(words)")
        let result = try await machine.teamsToken("health")
        #expect(result.exitCode == 74)
        #expect(result.standardError.contains("hint: name the application's SQLite file: "))
        // One that is named and not there is another matter.
        let named = try await machine.teamsToken("health", "--database", "\(home)/none")
        #expect(named.firstErrorLine.hasSuffix("no database at \(home)/none"))
    }

    private func expectUnknown(_ machine: Installation, _ words: String) async throws {
        let result = try await machine.teamsToken("health", "--nagios")
        #expect(result.exitCode == 3)
        #expect(result.standardOutput.hasPrefix("TEAMS UNKNOWN - \(words)"), "\(result)")
        #expect(!result.standardOutput.contains("|"))
        #expect(result.standardError == "" && result.lines.count == 1)
    }

    @Test func `performance data follows the line`() async throws {
        let result = try await Self.soundMachine().teamsToken("health", "--nagios")
        let pattern = try Regex(
            #"^TEAMS OK - the last pass ended 5 min ago with OK \(0\) \| last_success_age=30\ds;;1800;0 earliest_expiry=(29|30)\d\ds;;\d+: expired=0;;0;0 expiring=0;;0;0 need_person=0;0;;0 spooled=0;0;;0\n$"#
        )
        #expect(result.standardOutput.contains(pattern), "\(result)")
    }
}

extension Installation {
    fileprivate func addPass(_ runID: String, minutesAgo minutes: Double, code: Int32) throws {
        let seconds = Int(minutes * 60)
        try execute(
            """
            INSERT INTO maintain_teams_passes (run_id, started_at, finished_at, exit_code, summary)
            VALUES ('\(runID)', unixepoch() - \(seconds), unixepoch() - \(seconds), \(code), '{"due":0}')
            """)
    }

    /// An answer that a pass could not store.
    func leaveBehind(_ suffix: String) throws {
        let spool = try Spool.reserve(
            at: databasePath + suffix, slots: 1, like: FileStatus(path: databasePath))
        let record = Spool.Record(
            connection: ConnectionID(userID: .integer(7), provider: "microsoft"), rowID: 1,
            sent: Fingerprint(bytes: Array(repeating: 0, count: 32)), requestedAt: Date(),
            body: Array("{}".utf8))
        try spool.put(record, in: 0)
    }
}
