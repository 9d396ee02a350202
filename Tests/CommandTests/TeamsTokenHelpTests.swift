import TestSupport
import Testing

struct TeamsTokenHelpTests {
    @Test(arguments: [
        "", "init", "login", "import", "list", "show", "status", "refresh", "access-token", "exec",
        "remove", "history", "health", "doctor",
    ])
    func `help says in a line what a command does, shows an example and its exit codes`(
        command: String
    ) async throws {
        let arguments = command.isEmpty ? ["--help"] : [command, "--help"]
        let result = try await Installation().program("teams-token").run(arguments)
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(result.standardOutput.contains("EXAMPLE"))
        #expect(result.standardOutput.contains("EXIT STATUS"))
        #expect(result.lines.allSatisfy { $0.count <= 80 })
        try Snapshot.expect(
            result.standardOutput, is: command.isEmpty ? "help" : "help-\(command)")
    }

    @Test func `help of a command can be asked for in both ways`() async throws {
        let installation = try Installation()
        let one = try await installation.teamsToken("help", "list")
        let other = try await installation.teamsToken("list", "--help")
        #expect(one.standardOutput == other.standardOutput)
    }

    @Test func `the version is that of the product`() async throws {
        let result = try await Installation().teamsToken("--version")
        #expect(result.standardOutput == "teams-token 1.0.0\n")
        #expect(result.exitCode == 0)
    }

    @Test(arguments: [
        (["lsit"], "there is no command lsit\n  hint: did you mean teams-token list?"),
        (
            ["destroy"],
            "there is no command destroy\n  hint: one of init, login, import, list, show, status, refresh, access-token, exec, remove, history, health, doctor; see teams-token --help"
        ),
        (
            [],
            "no command given\n  hint: one of init, login, import, list, show, status, refresh, access-token, exec, remove, history, health, doctor; see teams-token --help"
        ),
        (
            ["list", "--jsn"],
            "Unknown option '--jsn'. Did you mean '--json'?\n  hint: see teams-token list --help"
        ),
        (
            ["list", "--csv", "--json"],
            "--csv and --json exclude each other\n  hint: see teams-token list --help"
        ),
        (["refresh"], "name a user, or give --all\n  hint: see teams-token refresh --help"),
        (
            ["refresh", "7", "--all"],
            "name users, or give --all, not both\n  hint: see teams-token refresh --help"
        ),
        (
            ["history", "--limit", "0"],
            "--limit is a number from 1 on\n  hint: see teams-token history --help"
        ),
    ])
    func `bad arguments are told with what was meant`(
        arguments: [String], message: String
    ) async throws {
        let result = try await Installation().program("teams-token").run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.standardError == "teams-token: USAGE (64): \(message)\n")
        if !arguments.contains("--json") { #expect(result.standardOutput == "") }
    }

    @Test func `bad usage is a document too for who asked for JSON`() async throws {
        let result = try await Installation().teamsToken("list", "--csv", "--json")
        #expect(result.json["result"] as? String == "usage")
        #expect(result.json["program"] as? String == "teams-token")
    }

    @Test func `status tells of bad usage in its own form`() async throws {
        let result = try await Installation().teamsToken("status")
        #expect(result.exitCode == 64)
        #expect(result.json["status"] as? String == "error")
    }
}
