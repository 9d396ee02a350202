/// What a run leaves in logs: the log file, by which each event can be followed to its pass and to Microsoft's
/// records, and stderr where journald reads it.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct RunLogTests {
    private func lines(_ machine: WatchedMachine, _ name: String = "log") -> [String] {
        machine.text(name).split(separator: "\n").map(String.init)
    }

    @Test func `each event leads to its pass and to Microsoft's records, and none is told twice`()
        async throws
    {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.enrol(1...3)
            sandbox.script(
                user: "2", faults: [Fault(.refused("invalid_grant", suberror: "bad_token"))])
            // Retried, so that one connection takes two requests.
            sandbox.script(user: "3", faults: [Fault(.html(status: 502), count: 1)])
            let log = machine.directory.file("log")
            let result = try await machine.run(
                "--json", "--log-file", log, "--log-format", "json", "--log-level", "debug")
            let document = try Document(result.standardOutput)
            let runID = try #require(result.json["run_id"] as? String)
            let events = try lines(machine).map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
            }
            #expect(events.allSatisfy { $0["run_id"] == runID })
            #expect(Set(lines(machine)).count == events.count)
            let counts = Dictionary(events.map { ($0["msg"] ?? "", 1) }, uniquingKeysWith: +)
            #expect(
                counts == [
                    "pass started": 1, "request ended": 4, "connection settled": 3,
                    "pass finished": 1,
                ])
            for user in ["1", "3"] {
                let sent = sandbox.requests.last { $0.user == user }?.clientRequestID
                let settled = events.filter {
                    $0["msg"] == "connection settled" && $0["user"] == user
                }
                #expect(settled.map { $0["correlation_id"] } == [sent])
            }
            let refused = events.first { $0["outcome"] == "reauth_required" && $0["error"] != nil }
            #expect(refused?["correlation_id"] == document.problems[0]["correlation_id"] as? String)
            #expect(
                Set(events.filter { $0["msg"] == "request ended" }.map { $0["correlation_id"] })
                    == Set(sandbox.requests.map(\.clientRequestID)))
        }
    }

    @Test func `a log that was moved away is begun anew by the next pass`() async throws {
        let machine = try WatchedMachine()
        let log = machine.directory.file("log")
        try await machine.run("--log-file", log)
        try FileManager.default.moveItem(atPath: log, toPath: log + ".1")
        try await machine.run("--log-file", log)
        #expect(lines(machine).count == 2)
        #expect(lines(machine, "log.1").count == 2)
        #expect(try FileStatus(path: log).permissions == 0o640)
    }

    /// A machine whose program's stderr is a file, which the variable may name.
    private func journal(_ machine: WatchedMachine, isNamed: Bool) throws -> ProgramRunner {
        let path = machine.directory.file("journal")
        try machine.directory.write("", to: "journal")
        var status = stat()
        #expect(stat(path, &status) == 0)
        var program = machine.program
        program.error = .file(path)
        program.environment["JOURNAL_STREAM"] =
            "\(status.st_dev):\(status.st_ino + (isNamed ? 0 : 1))"
        return program
    }

    @Test func `journald is told priorities and no time`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.enrol(1...1)
            sandbox.script(
                user: "1", faults: [Fault(.refused("invalid_grant", suberror: "bad_token"))])
            // A warning beside the failure.
            machine.environment["TEAMS_HOOK"] = "/nowhere/hook"
            machine.environment["TEAMS_REPORT"] = "change"
            _ = try await journal(machine, isNamed: true).run()
            let failure = lines(machine, "journal")
            #expect(failure.count == 3, "\(failure)")
            #expect(failure.first?.hasPrefix("<3>maintain-teams: REAUTH (10): user 1 ") == true)
            #expect(
                failure.dropFirst().allSatisfy { $0.hasPrefix("<4>maintain-teams: warning: ") })
            _ = try await journal(machine, isNamed: true).run()
            #expect(lines(machine, "journal") == [])
            sandbox.clearFaults()
            try machine.execute(
                "UPDATE oauth_tokens SET refresh_token = '\(Sandbox.refreshToken(user: "1", generation: 5))'"
            )
            _ = try await journal(machine, isNamed: true).run()
            #expect(
                lines(machine, "journal") == [
                    "<5>maintain-teams: over: user 1 must sign in again"
                ])
        }
    }

    @Test func `a stream that the variable does not name is no journal`() async throws {
        var machine = try WatchedMachine()
        machine.environment["TEAMS_CLOUD"] = "mars"
        _ = try await journal(machine, isNamed: false).run()
        #expect(lines(machine, "journal").first?.hasPrefix("maintain-teams: CONFIG (78)") == true)
        #expect(!machine.text("journal").contains("<"))
    }
}
