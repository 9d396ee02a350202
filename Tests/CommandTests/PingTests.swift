import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct PingTests {
    private func watched(
        _ behaviour: PingListener.Behaviour = .answers(200),
        _ body: (PingListener, inout WatchedMachine) async throws -> Void
    ) async throws {
        let listener = try PingListener(behaviour)
        defer { listener.close() }
        var machine = try WatchedMachine()
        machine.environment["TEAMS_PING_URL"] = listener.url
        try await body(listener, &machine)
    }

    @Test func `a pass tells its start and its end`() async throws {
        try await watched { listener, machine in
            try machine.enrol(1...1, expiresIn: 7200)
            let result = try await machine.run("--json")
            #expect(result.exitCode == 0)
            #expect(result.standardOutput.contains(#""warnings":[]"#))
            #expect(listener.signals == ["start", "0"])
            let document = try JSONSerialization.jsonObject(
                with: Data(result.standardOutput.utf8))
            let runID = (document as? [String: Any])?["run_id"] as? String ?? ""
            #expect(UUID(uuidString: runID) != nil)
            #expect(listener.pings.allSatisfy { $0.hasSuffix("?rid=\(runID)") })
            for secret in try machine.secrets() { #expect(!listener.text.contains(secret)) }
        }
    }

    @Test func `a pass that fails tells its code`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let listener = try PingListener()
            defer { listener.close() }
            machine.environment["TEAMS_PING_URL"] = listener.url
            try machine.enrol(1...1)
            sandbox.script(
                user: "1", faults: [Fault(.refused("invalid_grant", suberror: "bad_token"))])
            #expect(try await machine.run().exitCode == 10)
            #expect(listener.signals == ["start", "10"])
            for secret in try machine.secrets() { #expect(!listener.text.contains(secret)) }
        }
    }

    @Test func `a run that makes no pass tells only its end`() async throws {
        try await watched { listener, machine in
            machine.environment["TEAMS_CLOUD"] = "mars"
            let misconfigured = try await machine.run()
            #expect(misconfigured.exitCode == 78)
            machine.environment["TEAMS_CLOUD"] = nil
            machine.environment["TEAMS_DATABASE"] = machine.directory.file("missing")
            let homeless = try await machine.run()
            #expect(homeless.exitCode == 74)
            #expect(listener.signals == ["78", "74"])
        }
    }

    @Test func `a busy run is a note, no failure`() async throws {
        try await watched { listener, machine in
            let lock = try machine.takeLock()
            defer { lock.release() }
            #expect(try await machine.run().exitCode == 11)
            #expect(listener.signals == ["log"])
        }
    }

    @Test func `a signal is told by its number`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let listener = try PingListener()
            defer { listener.close() }
            machine.environment["TEAMS_PING_URL"] = listener.url
            try machine.enrol(1...1)
            let result = try await machine.interrupted(by: SIGINT, beside: sandbox)
            #expect(result.signal == SIGINT)
            #expect(listener.signals == ["start", "130"])
        }
    }

    @Test func `a pass for named users is a note, and a dry run nothing`() async throws {
        try await watched { listener, machine in
            try machine.enrol(1...1, expiresIn: 7200)
            #expect(try await machine.run("--user", "1").exitCode == 0)
            #expect(try await machine.run("--user", "2").exitCode == 64)
            #expect(try await machine.run("--dry-run").exitCode == 0)
            #expect(listener.signals == ["log", "log"])
        }
    }

    @Test func `an answer that is no success only warns`() async throws {
        try await watched(.answers(404)) { listener, machine in
            let result = try await machine.run("--json")
            #expect(result.exitCode == 0)
            #expect(
                result.standardOutput.contains(
                    #""warnings":["the ping was answered by HTTP 404: check TEAMS_PING_URL"]"#))
            #expect(listener.signals == ["start", "0"])
        }
    }

    @Test func `nobody at the other end only warns, and the URL stays secret`() async throws {
        var machine = try WatchedMachine()
        machine.environment["TEAMS_PING_URL"] = "http://127.0.0.1:1/canary-uuid"
        let result = try await machine.run("--json", "-vv")
        #expect(result.exitCode == 0)
        #expect(result.standardError.contains("warning: the ping was not delivered: "))
        #expect(!(result.standardOutput + result.standardError).contains("canary-uuid"))
    }

    @Test func `one that hangs delays only the end, and no token`() async throws {
        try await watched(.hangs) { listener, machine in
            let start = ContinuousClock.now
            let result = try await machine.run("--json")
            #expect(result.exitCode == 0)
            #expect(result.standardOutput.contains("the ping was not delivered: "))
            let whole = start.duration(to: .now)
            #expect(listener.signals == ["start", "0"])
            // The pass itself had ended before the wait began.
            let metrics = try machine.metrics()
            let pass = try #require(metrics["last_run_duration_seconds"])
            #expect(.seconds(pass) + Heartbeat.timeout < whole)
        }
    }
}
