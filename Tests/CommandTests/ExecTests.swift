import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct ExecTests {
    private func installation() async throws -> Installation {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: .integer(4_000_000_000), accessToken: "token-7", refreshToken: "r"
        )
        return installation
    }

    @Test func `the command gets the token, and none of our secrets`() async throws {
        var installation = try await installation()
        let secrets = [
            "TEAMS_CLIENT_SECRET", "TEAMS_API_KEY", "TEAMS_PING_URL", "CREDENTIALS_DIRECTORY",
            "TEAMS_API_KEYS_FILE",
        ]
        for name in secrets { installation.environment[name] = "https://CANARY" }
        installation.environment["PATH"] = "/usr/bin:/bin"
        installation.environment["KEPT"] = "a=b c"
        let result = try await installation.teamsToken("exec", "7", "--", "env")
        #expect(result.exitCode == 0)
        #expect(!result.standardOutput.contains("CANARY"))
        #expect(result.lines.contains("TEAMS_ACCESS_TOKEN=token-7"))
        #expect(result.lines.contains("KEPT=a=b c"))
        #expect(result.lines.contains("TEAMS_DATABASE=\(installation.databasePath)"))
        let file = installation.directory.file("secret")
        try installation.directory.write("s", to: "secret")
        installation.environment["TEAMS_CLIENT_SECRET"] = nil
        installation.environment["TEAMS_CLIENT_SECRET_FILE"] = file
        let other = try await installation.teamsToken("exec", "7", "--", "/usr/bin/env")
        #expect(!other.standardOutput.contains(file))
    }

    @Test func `a token of the caller's own is replaced`() async throws {
        var installation = try await installation()
        installation.environment["TEAMS_ACCESS_TOKEN"] = "old"
        let result = try await installation.teamsToken(
            "exec", "7", "--", "/bin/sh", "-c", "env | grep -c TEAMS_ACCESS_TOKEN=")
        #expect(result.standardOutput == "1\n")
    }

    @Test(arguments: [
        (["/bin/sh", "-c", "exit 42"], 42), (["/bin/sh", "-c", "kill -TERM $$"], nil),
        (["/nowhere/to/be/found"], 127), (["no-such-command"], 127), (["/etc/passwd"], 126),
        (["/"], 126),
    ])
    func `it ends as the command does`(command: [String], code: Int?) async throws {
        let installation = try await installation()
        let result = try await installation.program("teams-token").run(
            ["exec", "7", "--"] + command)
        #expect(result.exitCode.map(Int.init) == code)
        if code == nil { #expect(result.signal == SIGTERM) }
        if let code, code > 125 {
            #expect(
                result.standardError.hasPrefix("teams-token: COMMAND (\(code)): \(command[0]): "))
        }
    }

    @Test func `the command is this process, as its caller set it up`() async throws {
        let installation = try await installation()
        let facts = "umask; ulimit -c; ulimit -n; ls /proc/self/fd"
        // glibc keeps signals 32 and 33 to itself.
        let signals =
            "grep -E '^Sig(Blk|Ign)' /proc/self/status | sed -E 's/[0-9a-f]{8}([0-9a-f]{8})/\\1/; s/8(.......)$/0\\1/'"
        let script = """
            umask 0027; ulimit -c 17; ulimit -n 77; trap '' PIPE CHLD HUP
            exec 7</dev/null
            (\(signals))
            echo; ("$0" exec 7 -- \(signals))
            echo; (\(facts))
            echo; echo $$
            exec "$0" exec 7 -- /bin/bash -c '(\(facts)); echo; echo $$'
            """
        let shell = ProgramRunner(path: "/bin/bash", environment: installation.environment)
        let result = try await shell.run(
            "-c", script, installation.program("teams-token").path)
        let parts = result.standardOutput.components(separatedBy: "\n\n")
        try #require(parts.count == 5, "\(result.standardError)")
        #expect(parts[0] == parts[1])
        #expect(parts[2].hasPrefix("0027\n17\n77\n"))
        // The process id, and what the command says; then its own id.
        let between = parts[3].split(separator: "\n", maxSplits: 1).map(String.init)
        #expect(parts[2] == between[1])
        #expect(parts[4] == between[0] + "\n")
    }

    @Test func `after a refresh too nothing of ours is left open`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            // Beside what this test process has open.
            let shell = ProgramRunner(path: "/bin/bash", environment: installation.environment)
            let script = """
                ls /proc/self/fd; echo
                exec "$0" exec 7 -- /bin/bash -c 'ls /proc/self/fd; echo; echo $TEAMS_ACCESS_TOKEN'
                """
            let result = try await shell.run(
                "-c", script, installation.program("teams-token").path)
            let parts = result.standardOutput.components(separatedBy: "\n\n")
            try #require(parts.count == 3, "\(result.standardError)")
            #expect(sandbox.generation(of: "7") == 1)
            #expect(parts[0] == parts[1])
            #expect(
                try installation.value("SELECT access_token FROM oauth_tokens")
                    == .text(result.lines.last ?? ""))
        }
    }

    @Test func `streams that were closed stay closed, input is the command's`() async throws {
        let installation = try await installation()
        let shell = ProgramRunner(path: "/bin/bash", environment: installation.environment)
        let result = try await shell.run(
            "-c",
            """
            echo in | "$0" exec 7 -- cat
            facts='for n in 0 1; do [ -e /proc/$$/fd/$n ] && echo open >&2; done; echo end >&2'
            "$0" exec 7 -- /bin/bash -c "$facts" 2>&1 >&- <&-
            """,
            installation.program("teams-token").path)
        #expect(result.standardOutput == "in\nend\n")
    }

    @Test func `words and variables are handed on to the byte`() async throws {
        let installation = try await installation()
        let shell = ProgramRunner(path: "/bin/bash", environment: installation.environment)
        let result = try await shell.run(
            "-c",
            "X=$'\\xff\\xfe' \"$0\" exec 7 -- /bin/sh -c 'printf \"%s%s\" \"$1\" \"$X\" | od -An -tx1' sh $'a\\xe4 b'",
            installation.program("teams-token").path)
        #expect(result.standardOutput.split(separator: " ").joined() == "61e42062fffe\n")
    }

    @Test func `without a token the command is not begun`() async throws {
        let installation = try await installation()
        try installation.insert(user: "8", expiresIn: -60, refreshToken: .some(nil))
        let result = try await installation.teamsToken("exec", "8", "--", "/bin/echo", "begun")
        #expect(result.exitCode == 10)
        #expect(result.standardOutput == "")
        let unknown = try await installation.teamsToken("exec", "77", "--", "/bin/echo", "begun")
        #expect(unknown.exitCode == 64)
        #expect(unknown.standardError.contains("did you mean 7?"))
    }

    @Test func `a signal during the refresh keeps the command from its start`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.hold()
            let running = try installation.program("teams-token").start([
                "exec", "7", "--", "/bin/echo", "begun",
            ])
            await sandbox.waitForRequests(atLeast: 1)
            running.send(SIGTERM)
            while running.hasPending(SIGTERM) { await Task.yield() }
            sandbox.release()
            let result = await running.ended()
            #expect(result.signal == SIGTERM)
            #expect(result.standardOutput == "")
            #expect(
                try installation.value("SELECT refresh_token FROM oauth_tokens")
                    == .text(Sandbox.refreshToken(user: "7", generation: 1)))
        }
    }
}
