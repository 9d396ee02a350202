import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct HookTests {
    private let badToken = Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50173]))

    private struct Document: Decodable {
        struct Event: Decodable {
            let event: String
            let was: String?
            let user_id: Int?
            let provider: String
            let since: String?
            let who: String
            let message: String
            let remedy: String?
        }
        let schema: Int
        let program: String
        let run_id: String
        let events: [Event]
    }

    private func documents(_ machine: WatchedMachine) throws -> [Document] {
        try machine.text("events").split(separator: "\n").map {
            try JSONDecoder().decode(Document.self, from: Data($0.utf8))
        }
    }

    /// Lets a user sign in again: the application stores new tokens, due again soon.
    private func signIn(_ user: Int, _ sandbox: Sandbox, _ machine: WatchedMachine) throws {
        sandbox.clearFaults()
        let token = Sandbox.refreshToken(user: String(user), generation: 40)
        try machine.execute(
            "UPDATE oauth_tokens SET refresh_token = '\(token)' WHERE user_id = \(user)")
    }

    @Test func `what has changed is told once, and that it is well again`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let directory = machine.directory.path
            try machine.setHook("cat >>'\(directory)/events'; env >'\(directory)/environment'")
            try machine.enrol(1...3)
            sandbox.script(user: "2", faults: [badToken])
            let before = try machine.secrets()
            #expect(try await machine.run().exitCode == 10)
            #expect(try await machine.run().exitCode == 10)
            let first = try documents(machine)
            #expect(first.count == 1)
            #expect(first.first?.schema == 1)
            #expect(first.first?.program == "maintain-teams")
            let event = try #require(first.first?.events.first)
            #expect(first.first?.events.count == 1)
            #expect(event.event == "reauth_required")
            #expect(event.user_id == 2)
            #expect(event.provider == "microsoft")
            #expect(event.since != nil)
            #expect(event.who == "user")
            #expect(event.remedy?.contains("sign in") == true)

            try signIn(2, sandbox, machine)
            #expect(try await machine.run().exitCode == 0)
            let second = try documents(machine)
            #expect(second.count == 2)
            #expect(second.last?.events.map(\.event) == ["recovered"])
            #expect(second.last?.events.first?.was == "reauth_required")
            #expect(second.last?.events.first?.since == event.since)
            #expect(try await machine.run().exitCode == 0)
            #expect(try documents(machine).count == 2)

            let told = machine.text("events") + machine.text("environment")
            for secret in try before + machine.secrets() { #expect(!told.contains(secret)) }
        }
    }

    @Test func `its environment holds nothing of ours`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let file = machine.directory.file("environment")
            try machine.setHook("env >'\(file)'")
            machine.environment["HTTPS_PROXY"] = ""
            machine.environment["SECRET_OF_THE_APPLICATION"] = "canary"
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            try await machine.run()
            let names = Set(
                machine.text("environment").split(separator: "\n").map {
                    $0.split(separator: "=", omittingEmptySubsequences: false)[0]
                })
            #expect(names.isSuperset(of: ["PATH", "LANG", "HOME"]))
            // The shell adds its own.
            let own: Set<Substring> = ["PWD", "OLDPWD", "SHLVL", "_"]
            #expect(names.subtracting(["PATH", "LANG", "HOME"]).isSubset(of: own))
        }
    }

    @Test(arguments: [
        ("exit 3", "exited with 3"), ("kill -9 $$", "was killed by signal 9"),
        ("exec <&-; exit 1", "exited with 1"),
    ])
    func `one that fails only warns`(script: String, words: String) async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.setHook(script)
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            let result = try await machine.run("--json")
            #expect(result.exitCode == 10)
            #expect(result.standardOutput.contains("/hook \(words)\""))
        }
    }

    @Test func `one that is missing or no program only warns`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.directory.write("no program", to: "hook")
            machine.environment["TEAMS_HOOK"] = machine.directory.file("hook")
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            let result = try await machine.run("--json")
            #expect(result.exitCode == 10)
            #expect(result.standardOutput.contains("/hook can't be run: permission denied"))
        }
    }

    @Test func `its flood of output is seen by nobody`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.setHook("yes flood | head -c 3000000; yes flood | head -c 3000000 >&2")
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            let result = try await machine.run()
            #expect(result.exitCode == 10)
            #expect(!(result.standardOutput + result.standardError).contains("flood"))
            #expect(!result.standardError.contains("warning"))
        }
    }

    @Test func `while it runs the lock is free`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let directory = machine.directory.path
            // Ends when the other pass has been.
            try machine.setHook(
                "touch '\(directory)/runs'; until [ -e '\(directory)/over' ]; do sleep 0.05; done")
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            let running = try machine.program.start([])
            while !machine.directory.exists("runs") {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await machine.run().exitCode == 10)
            try machine.directory.write("", to: "over")
            #expect(await running.ended().exitCode == 10)
        }
    }

    @Test func `one that hangs is ended, whatever it has started`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            let file = machine.directory.file("child")
            try machine.setHook("sleep 300 & echo $! >'\(file)'; exec <&-; wait")
            try machine.enrol(1...1)
            sandbox.script(user: "1", faults: [badToken])
            let start = ContinuousClock.now
            let result = try await machine.run("--json")
            let took = start.duration(to: .now)
            #expect(took > .seconds(29) && took < .seconds(45))
            #expect(result.exitCode == 10)
            #expect(result.standardOutput.contains("was ended after 30 s"))
            let child = machine.text("child").trimmingCharacters(in: .newlines)
            let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            #expect(status == nil || status?.contains(") Z") == true)
        }
    }
}
