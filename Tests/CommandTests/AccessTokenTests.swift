import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct AccessTokenTests {
    @Test func `a token that lasts is printed without client, lock, request or write`() async throws
    {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 400)
        let before = installation.directory.contents("teams.sqlite3")
        let result = try await installation.teamsToken("access-token", "7")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(
            try installation.value("SELECT access_token || char(10) FROM oauth_tokens")
                == .text(result.standardOutput))
        #expect(installation.directory.contents("teams.sqlite3") == before)
        #expect(!installation.directory.exists("teams.sqlite3.maintain-teams.lock"))
        #expect(
            try installation.value(
                "SELECT count(*) FROM sqlite_master WHERE name LIKE 'maintain_teams_%'")
                == .integer(0))
    }

    @Test(
        arguments: [
            (["access-token", "7"], 0), (["access-token", "70"], 64),
            (["access-token", "help"], 64),
            (["exec", "7", "--", "/usr/bin/printenv", "TEAMS_ACCESS_TOKEN"], 0),
            (["exec", "7", "--", "/bin/sh", "-c", "exit 3", "--help"], 3),
            (["exec", "70", "--", "/bin/true"], 64),
        ] as [([String], Int32)])
    func `a call without options is the same as one with their defaults`(
        words: [String], code: Int32
    ) async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 4000)
        let plain = try await installation.program("teams-token").run(words)
        let declared = try await installation.program("teams-token").run(
            [words[0], "--min-valid", "5m"] + words.dropFirst())
        #expect(plain.exitCode == code)
        #expect(plain == declared)
    }

    @Test func `JSON has the token, its end and its user`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(
            user: "7", expiresAt: .integer(4_000_000_000), accessToken: "a.b-c", refreshToken: "r")
        let result = try await installation.teamsToken("access-token", "7", "--json")
        #expect(
            result.standardOutput
                == "{\"access_token\":\"a.b-c\",\"expires_at\":\"2096-10-02T07:06:40Z\",\"user_id\":7}\n"
        )
    }

    @Test func `near its end it is refreshed, and the new one is printed`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 299)
            try installation.insert(user: "8", expiresIn: 299)
            let result = try await installation.teamsToken("access-token", "7")
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            #expect(sandbox.generation(of: "7") == 1)
            #expect(sandbox.generation(of: "8") == 0)
            #expect(
                try installation.value(
                    "SELECT access_token || char(10) FROM oauth_tokens WHERE user_id = 7")
                    == .text(result.standardOutput))
            // Shorter demands are met by what there is.
            #expect(
                try await installation.teamsToken("access-token", "8", "--min-valid", "1m").exitCode
                    == 0)
            #expect(sandbox.generation(of: "8") == 0)
        }
    }

    @Test func `fifty callers at once cause one refresh and get the same token`() async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        configuration.rotation = .strict
        try await Sandbox.withSandbox(configuration) { sandbox in
            let installation = try await Installation.initialized(sandbox)
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.hold()
            let running = try (0..<50).map { _ in
                try installation.program("teams-token").start(["access-token", "7"])
            }
            await sandbox.waitForRequests(atLeast: 1)
            sandbox.release()
            var results: [ProgramResult] = []
            for program in running { results.append(await program.ended()) }
            #expect(results.allSatisfy { $0.exitCode == 0 })
            #expect(Set(results.map(\.standardOutput)).count == 1)
            #expect(results[0].standardOutput.count > 20)
            #expect(sandbox.requests.count == 1)
            #expect(sandbox.generation(of: "7") == 1)
            #expect(
                try installation.value("SELECT count(*) FROM maintain_teams_passes") == .integer(1))
        }
    }

    @Test func `callers share a failure too`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.script(user: "7", faults: [Fault(.status(503))])
            let running = try (0..<5).map { _ in
                try installation.program("teams-token").start(["access-token", "7"])
            }
            var results: [ProgramResult] = []
            for program in running { results.append(await program.ended()) }
            #expect(results.allSatisfy { $0.exitCode == 75 && $0.standardOutput == "" })
            let requests = sandbox.requests.count
            #expect(requests <= 3)
            // And so does who comes within the minute.
            let late = try await installation.teamsToken("access-token", "7")
            #expect(late.exitCode == 75)
            #expect(sandbox.requests.count == requests)
        }
    }

    @Test func `nobody waits for a pass that has stored the token already`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            let lock = try installation.lock()
            let running = try installation.program("teams-token").start(["access-token", "7"])
            try installation.execute(
                "UPDATE oauth_tokens SET access_token = 'new', expires_at = 4000000000")
            let result = await running.ended()
            #expect(result.exitCode == 0)
            #expect(result.standardOutput == "new\n")
            #expect(sandbox.requests.isEmpty)
            lock.release()
        }
    }

    @Test func `who asks for more than a token can give gets a new one once a minute`()
        async throws
    {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 3000)
            let first = try await installation.teamsToken(
                "access-token", "7", "--min-valid", "24h")
            let second = try await installation.teamsToken(
                "access-token", "7", "--min-valid", "24h")
            #expect(first.exitCode == 0)
            #expect(first.standardOutput == second.standardOutput)
            #expect(
                second.standardError.hasSuffix(
                    "only: user 7: the token was refreshed less than a minute ago\n"))
            #expect(second.standardError.hasPrefix("teams-token: warning: valid for "))
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test func `a live token that can't be refreshed is printed with a warning`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 150, refreshToken: .some(nil))
            try installation.insert(user: "8", expiresIn: 150)
            sandbox.script(
                user: "8",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            let without = try await installation.teamsToken("access-token", "7")
            #expect(without.exitCode == 0)
            #expect(without.standardOutput != "")
            #expect(
                without.standardError.hasPrefix(
                    "teams-token: warning: valid for 2 min only: user 7: the row holds no refresh token"
                ))
            let refused = try await installation.teamsToken("access-token", "8")
            #expect(refused.exitCode == 0)
            #expect(refused.standardError.contains("AADSTS50173"))
            #expect(refused.errorLines.count == 1)
        }
    }

    @Test func `a dead connection says who must act`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            for _ in 1...2 {
                let result = try await installation.teamsToken("access-token", "7")
                #expect(result.exitCode == 10)
                #expect(result.standardOutput == "")
                #expect(result.firstErrorLine.hasPrefix("teams-token: REAUTH (10): user 7: "))
                #expect(result.standardError.contains("let user 7 sign in to the application"))
            }
            #expect(sandbox.requests.count == 1)
        }
    }

    @Test func `a pause that was asked for is obeyed`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            try installation.insert(user: "8", expiresIn: 60)
            sandbox.script(user: "7", faults: [Fault(.status(429, retryAfter: .seconds(600)))])
            #expect(try await installation.teamsToken("access-token", "7").exitCode == 75)
            let requests = sandbox.requests.count
            let result = try await installation.teamsToken("access-token", "8")
            #expect(result.exitCode == 0)
            #expect(result.standardError.contains("asked this application not to call before"))
            #expect(sandbox.requests.count == requests)
        }
    }

    @Test func `a row that can't be read or holds no usable token is told`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(
                user: "7", expiresAt: .text("tomorrow"), accessToken: "a", refreshToken: "r")
            try installation.insert(
                user: "8", expiresAt: .integer(4_000_000_000), accessToken: "two\nlines",
                refreshToken: Sandbox.refreshToken(user: "8"))
            let malformed = try await installation.teamsToken("access-token", "7")
            #expect(malformed.exitCode == 75)
            #expect(malformed.firstErrorLine.contains("can't be read"))
            let mended = try await installation.teamsToken("access-token", "8")
            #expect(mended.exitCode == 0)
            #expect(mended.lines.count == 1)
            #expect(sandbox.generation(of: "8") == 1)
        }
    }

    @Test func `an unknown user is 64 with the nearest one`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "1007", expiresIn: 600)
        let result = try await installation.teamsToken("access-token", "107", "--json")
        #expect(result.exitCode == 64)
        #expect(result.json["result"] as? String == "usage")
        #expect(
            result.standardError
                == "teams-token: USAGE (64): no connection of user 107\n  hint: did you mean 1007?\n"
        )
    }

    @Test func `without a client an expired token is a configuration error`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: -600)
        try installation.insert(user: "8", expiresIn: 60)
        #expect(try await installation.teamsToken("access-token", "7").exitCode == 78)
        let live = try await installation.teamsToken("access-token", "8")
        #expect(live.exitCode == 0)
        #expect(live.standardError.contains("TEAMS_CLIENT_ID: not set"))
    }

    @Test func `an output that takes nothing is a failure`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        var runner = installation.program("teams-token")
        for output in [ProgramRunner.Stream.closed, .file("/dev/full")] {
            runner.output = output
            let result = try await runner.run("access-token", "7")
            #expect(result.exitCode == 1)
            #expect(
                result.firstErrorLine.hasPrefix("teams-token: INTERNAL (1): write the output: "))
        }
    }

    @Test func `a terminal gets it only by force`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        var runner = installation.program("teams-token")
        runner.output = .terminal(columns: 80)
        let refused = try await runner.run("access-token", "7")
        #expect(refused.exitCode == 64)
        #expect(refused.standardOutput == "")
        let forced = try await runner.run("access-token", "7", "--force")
        #expect(forced.exitCode == 0)
        #expect(forced.standardOutput != "")
    }

    @Test(arguments: ["5x", "", "-1"])
    func `a bad --min-valid is 64`(value: String) async throws {
        let installation = try await Installation.initialized()
        let result = try await installation.program("teams-token").run(
            ["access-token", "7", "--min-valid=\(value)"])
        #expect(result.exitCode == 64)
        #expect(result.firstErrorLine.contains("--min-valid"))
    }

    @Test func `each use leaves a line`() async throws {
        var installation = try await Installation.initialized()
        installation.environment["TEAMS_LOG_FILE"] = installation.directory.file("log")
        try installation.insert(user: "7", expiresIn: 600)
        let token = try await installation.teamsToken("access-token", "7").standardOutput
        _ = try await installation.teamsToken("exec", "7", "--", "true")
        let log = String(decoding: installation.directory.contents("log") ?? [], as: UTF8.self)
        let lines = log.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains(" notice access token used command=access-token parent="))
        #expect(lines[1].contains(" notice access token used command=exec parent="))
        #expect(lines.allSatisfy { $0.hasSuffix(" provider=microsoft uid=\(getuid()) user=7") })
        #expect(!log.contains(token.dropLast()))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a process a /dev of its own"))
    func `without a log file the line goes to the system's log`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 600)
        let listener = """
            import socket, subprocess, sys
            log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            log.bind("/dev/log")
            log.settimeout(60)
            token = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).stdout.decode().strip()
            line = log.recv(4096).decode()
            print(line.replace(token, "THE TOKEN"))
            """
        let runner = ProgramRunner(
            path: "/usr/bin/unshare", environment: installation.environment)
        let result = try await runner.run(
            "--mount", "--propagation", "private", "/bin/sh", "-c",
            "mount -t tmpfs none /dev && exec /usr/bin/python3 -c \"$0\" \"$@\"", listener,
            installation.program("teams-token").path, "access-token", "7")
        #expect(result.exitCode == 0, "\(result.standardError)")
        // <facility * 8 + severity>: authpriv and notice.
        #expect(result.standardOutput.hasPrefix("<85>"))
        #expect(result.standardOutput.contains(" teams-token["))
        #expect(
            result.standardOutput.contains(
                ": access token used command=access-token parent=python3("))
        #expect(
            result.standardOutput.hasSuffix(" provider=microsoft uid=0 user=7\n"))
    }
}

extension Installation {
    /// The lock of a pass, held by this process.
    func lock() throws -> FileLock {
        let acquisition = try FileLock.acquire(
            FileLock.path(forDatabase: FilePaths.real(databasePath)),
            like: FileStatus(path: databasePath), holder: "maintain-teams, pid 1")
        guard case .acquired(let lock) = acquisition else {
            throw ProgramFailure(message: "somebody else holds the lock")
        }
        return lock
    }
}
