import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import TokenCore

struct ChildProgramTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func run(
        _ script: String, limit: Duration = .seconds(20), environment: [String: String] = [:],
        input: [UInt8] = []
    ) async throws -> ChildProgram.Ending {
        try directory.write("#!/bin/sh\n\(script)\n", to: "program")
        let path = directory.file("program")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        let program = ChildProgram(
            path: path, environment: environment, limit: limit, grace: .milliseconds(200))
        while true {
            do throws(SystemError) {
                return try await program.run(input: input)
            } catch {
                // Another test's child still holds what we have written, until its execve(2).
                guard error.code == ETXTBSY else { throw error }
            }
        }
    }

    private let large = [UInt8](repeating: 0x41, count: 1 << 20)

    @Test func `it reads its input to the end`() async throws {
        let copy = directory.file("copy")
        let ending = try await run("/bin/cat >'\(copy)'", input: large)
        #expect(ending == .exited(0))
        #expect(directory.contents("copy") == large)
    }

    @Test func `its exit code comes back`() async throws {
        #expect(try await run("exit 3") == .exited(3))
    }

    @Test func `the signal that it dies by comes back`() async throws {
        #expect(try await run("kill -9 $$") == .killed(signal: 9))
    }

    @Test func `one that never reads is no matter`() async throws {
        #expect(try await run("exit 0", input: large) == .exited(0))
    }

    @Test func `one that never reads and never ends is ended`() async throws {
        let ending = try await run(
            "exec /bin/sleep 60", limit: .milliseconds(300), input: large)
        #expect(ending == .timedOut)
    }

    @Test(.timeLimit(.minutes(1)))
    func `one that ignores the polite signal is killed with all that it started`()
        async throws
    {
        let file = directory.file("child")
        let ending = try await run(
            "trap '' TERM; /bin/sleep 60 & echo $! >'\(file)'; wait; wait; /bin/sleep 60",
            limit: .seconds(1))
        #expect(ending == .timedOut)
        let text = String(decoding: directory.contents("child") ?? [], as: UTF8.self)
        let child = try #require(Int(text.trimmed))
        // The signal is sent; a dead process without a parent may still be waiting for init.
        while let state = try? FilePaths.contents(of: "/proc/\(child)/stat"),
            !String(decoding: state, as: UTF8.self).contains(") Z")
        {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test func `a flood of output goes nowhere`() async throws {
        let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo x >&2; i=$((i+1)); done"
        #expect(try await run(script) == .exited(0))
    }

    @Test func `its environment is what it was given`() async throws {
        let file = directory.file("environment")
        _ = try await run("/usr/bin/env >'\(file)'", environment: ["A": "1"])
        let lines = String(decoding: directory.contents("environment") ?? [], as: UTF8.self)
            .split(separator: "\n").map(String.init)
        let own = ["PWD=", "OLDPWD=", "SHLVL=", "_="]
        // The shell adds its own.
        #expect(lines.filter { line in !own.contains { line.hasPrefix($0) } } == ["A=1"])
    }

    @Test func `it inherits no descriptor but its streams`() async throws {
        let file = directory.file("descriptors")
        _ = try await run("/bin/ls /proc/self/fd >'\(file)'")
        // 3 is the directory that ls reads.
        #expect(directory.contents("descriptors") == Array("0\n1\n2\n3\n".utf8))
    }

    @Test func `a text that nothing can run is an error`() async throws {
        try directory.write("no program", to: "text")
        let path = directory.file("text")
        for (path, code) in [(path, EACCES), (directory.file("missing"), ENOENT)] {
            let child = ChildProgram(path: path, environment: [:], limit: .seconds(5))
            do {
                _ = try await child.run(input: [])
                Issue.record("\(path) ran")
            } catch {
                #expect(error.code == code)
            }
        }
    }
}
