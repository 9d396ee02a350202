import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct MetricsFileTests {
    @Test func `a pass leaves its numbers, readable for everybody`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.enrol(1...3)
            try machine.enrol(4...5, expiresIn: 7200)
            sandbox.script(
                user: "2", faults: [Fault(.refused("invalid_grant", suberror: "bad_token"))])
            sandbox.script(user: "3", faults: [Fault(.html(status: 502), count: 1)])
            let secrets = try machine.secrets()
            #expect(try await machine.run("--test-api").exitCode == 10)
            let metrics = try machine.metrics()
            #expect(metrics["last_run_exit_code"] == 10)
            #expect(metrics[#"connections{state="refreshed"}"#] == 2)
            #expect(metrics[#"connections{state="reauth_required"}"#] == 1)
            #expect(metrics[#"connections{state="fresh"}"#] == 2)
            #expect(metrics[#"refreshes_total{result="refreshed"}"#] == 2)
            #expect(metrics[#"http_requests_total{endpoint="token",code="2xx"}"#] == 2)
            #expect(metrics[#"http_requests_total{endpoint="token",code="5xx"}"#] == 1)
            #expect(metrics[#"http_requests_total{endpoint="token",code="400"}"#] == 1)
            #expect(metrics[#"http_requests_total{endpoint="graph",code="2xx"}"#] == 4)
            #expect(metrics[#"api_test_connections{result="ok"}"#] == 4)
            #expect(metrics["expected_interval_seconds"] == 900)
            #expect(abs(metrics["clock_skew_seconds"] ?? .nan) < 5)
            let now = Date().timeIntervalSince1970
            #expect(abs((metrics["last_success_timestamp_seconds"] ?? 0) - now) < 60)
            // Not that of user 2, who needs a person.
            #expect((metrics["earliest_expiry_timestamp_seconds"] ?? 0) > now + 3000)
            #expect(abs((metrics["oldest_refresh_timestamp_seconds"] ?? 0) - now) < 60)
            let path = machine.directory.file("teams.prom")
            #expect(try FileStatus(path: path).permissions == 0o644)
            let text = machine.text("teams.prom")
            for secret in try secrets + machine.secrets() { #expect(!text.contains(secret)) }
            try await promtool(text)
            let names = try FileManager.default.contentsOfDirectory(atPath: machine.directory.path)
            #expect(!names.contains { $0.hasPrefix("teams.prom.") })
        }
    }

    /// Prometheus's own checker, where it is installed.
    private func promtool(_ text: String) async throws {
        let tool = "/usr/bin/promtool"
        guard FileManager.default.isExecutableFile(atPath: tool) else { return }
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "metrics")
        // By the shell's own input: a file that was just written can't be run while another thread forks.
        let command = "exec \(tool) check metrics <'\(directory.file("metrics"))'\n"
        let shell = ChildProgram(path: "/bin/sh", environment: [:], limit: .seconds(20))
        #expect(try await shell.run(input: Array(command.utf8)) == .exited(0))
    }

    /// A machine whose last pass was a success.
    private func succeeded() async throws -> WatchedMachine {
        let machine = try WatchedMachine()
        try machine.enrol(1...1, expiresIn: 7200)
        #expect(try await machine.run().exitCode == 0)
        #expect(try machine.metrics()[#"connections{state="fresh"}"#] == 1)
        return machine
    }

    /// What every failing run leaves as it was.
    private func expectCarriedOver(_ machine: WatchedMachine, exitCode: Int32) throws {
        let metrics = try machine.metrics()
        #expect(metrics["last_run_exit_code"] == Double(exitCode))
        #expect(metrics[#"connections{state="fresh"}"#] == 1)
        #expect((metrics["last_success_timestamp_seconds"] ?? 0) > 0)
        #expect(metrics["expected_interval_seconds"] == 900)
        #expect(metrics[#"runs_total{result="ok"}"#] == 1)
        #expect(
            try FileStatus(path: machine.directory.file("teams.prom")).permissions == 0o644)
    }

    @Test func `a wrong configuration is told`() async throws {
        var machine = try await succeeded()
        machine.environment["TEAMS_CLOUD"] = "mars"
        #expect(try await machine.run().exitCode == 78)
        try expectCarriedOver(machine, exitCode: 78)
    }

    @Test func `a wrong option is told`() async throws {
        let machine = try await succeeded()
        #expect(try await machine.run("--concurrency", "0").exitCode == 64)
        try expectCarriedOver(machine, exitCode: 64)
        #expect(try await machine.run("--no-such-option").exitCode == 64)
        try expectCarriedOver(machine, exitCode: 64)
    }

    @Test func `the option counts even beside one that makes no sense`() async throws {
        var machine = try WatchedMachine()
        machine.environment["TEAMS_METRICS_FILE"] = nil
        let path = machine.directory.file("teams.prom")
        #expect(try await machine.run("--bogus", "--metrics-file", path).exitCode == 64)
        #expect(try machine.metrics()["last_run_exit_code"] == 64)
        #expect(try await machine.run("--metrics-file=\(path)").exitCode == 0)
        #expect(try machine.metrics()["last_run_exit_code"] == 0)
    }

    @Test func `a database that is gone is told`() async throws {
        let machine = try await succeeded()
        try FileManager.default.removeItem(atPath: machine.database.path)
        #expect(try await machine.run().exitCode == 74)
        try expectCarriedOver(machine, exitCode: 74)
    }

    @Test func `a database that the world can write is told`() async throws {
        let machine = try await succeeded()
        chmod(machine.directory.path, 0o755)
        chmod(machine.database.path, 0o666)
        let exitCode = try #require(try await machine.run().exitCode)
        // A closed directory above (TMPDIR) makes it a warning.
        if exitCode != 0 { try expectCarriedOver(machine, exitCode: 77) }
    }

    @Test func `a busy run leaves the numbers of the one that holds the lock`() async throws {
        let machine = try await succeeded()
        let lock = try machine.takeLock()
        defer { lock.release() }
        #expect(try await machine.run().exitCode == 11)
        try expectCarriedOver(machine, exitCode: 11)
    }

    @Test func `a signal is told, with all that was done`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.enrol(1...1)
            let result = try await machine.interrupted(by: SIGTERM, beside: sandbox)
            #expect(result.signal == SIGTERM)
            let metrics = try machine.metrics()
            #expect(metrics["last_run_exit_code"] == 143)
            #expect(metrics[#"runs_total{result="interrupted"}"#] == 1)
            #expect(metrics[#"connections{state="refreshed"}"#] == 1)
        }
    }

    @Test func `a signal while waiting for the lock is told`() async throws {
        var machine = try await succeeded()
        machine.environment["TEAMS_LOG_FILE"] = machine.directory.file("log")
        let lock = try machine.takeLock()
        defer { lock.release() }
        let running = try machine.program.start(["--lock-wait", "60s"])
        // The log is opened when signals are watched already.
        while machine.directory.contents("log") == nil {
            try await Task.sleep(for: .milliseconds(2))
        }
        running.send(SIGTERM)
        let result = await running.ended()
        #expect(result.signal == SIGTERM)
        #expect(result.standardError.hasPrefix("maintain-teams: INTERRUPTED (143): "))
        try expectCarriedOver(machine, exitCode: 143)
    }

    @Test func `a dry run leaves no trace`() async throws {
        let machine = try WatchedMachine()
        #expect(try await machine.run("--dry-run").exitCode == 0)
        #expect(try await machine.run("--dry-run", "--no-such-option").exitCode == 64)
        #expect(!machine.directory.exists("teams.prom"))
    }

    @Test func `a file that can't be written is a warning`() async throws {
        var machine = try WatchedMachine()
        machine.environment["TEAMS_METRICS_FILE"] = "/proc/teams.prom"
        let result = try await machine.run("--json")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(result.standardOutput.contains(#""warnings":["no metrics are written: "#))
    }

    @Test func `nothing but a file is replaced`() async throws {
        var machine = try WatchedMachine()
        mkfifo(machine.directory.file("teams.prom"), 0o600)
        let result = try await machine.run("--json")
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("which is no file"))
        machine.environment["TEAMS_METRICS_FILE"] = machine.directory.path
        #expect(try await machine.run().exitCode == 0)
    }

    @Test func `a link is replaced, not followed`() async throws {
        let machine = try WatchedMachine()
        try machine.directory.write("precious", to: "target")
        try FileManager.default.createSymbolicLink(
            atPath: machine.directory.file("teams.prom"), withDestinationPath: "target")
        #expect(try await machine.run().exitCode == 0)
        #expect(machine.text("target") == "precious")
        #expect(try machine.metrics()["last_run_exit_code"] == 0)
    }

    @Test func `runs that write at once lose no count`() async throws {
        let machine = try WatchedMachine()
        let program = machine.program
        try await withThrowingTaskGroup { group in
            for _ in 0..<12 {
                group.addTask { _ = try await program.run("--no-such-option") }
            }
            try await group.waitForAll()
        }
        #expect(try machine.metrics()[#"runs_total{result="usage"}"#] == 12)
    }
}
