import Foundation
import TestSupport
import Testing

@testable import TokenCore

/// Tab in the shells themselves, with identifiers that would do harm if a shell took them for more than
/// words.
struct CompletionTests {
    private static let odd = "that's; a:b\\c \"*\" (x) ~ #"
    /// bash can't be brought to quote this one, so there it is not offered.
    private static let evil = "it's $(touch PWNED) `touch PWNED`"

    /// A machine whose programs are found by their names.
    private func machine() async throws -> Installation {
        var installation = try await Installation.initialized()
        for user in ["7", "70", "alice@example.com", "späce man", Self.odd, Self.evil] {
            try installation.insert(user: user, expiresIn: 7200)
        }
        let products = FilePaths.directory(of: installation.program("teams-token").path)
        installation.environment["PATH"] = "\(products):/usr/bin:/bin"
        for program in ["teams-token", "maintain-teams"] {
            for shell in ["bash", "zsh", "fish"] {
                let script = try await installation.program(program).run(
                    "--generate-completion-script", shell)
                try #require(script.exitCode == 0)
                try installation.directory.write(
                    script.standardOutput, to: "\(program).\(shell)")
            }
        }
        return installation
    }

    /// What bash offers for the last word.
    private func bash(_ installation: Installation, _ words: String...) async throws -> [String] {
        let script = """
            cd "$1"; shift
            source ./"$1".bash
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
            _"$1" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let shell = ProgramRunner(path: "/bin/bash", environment: installation.environment)
        let result = try await shell.run(
            ["--norc", "-c", script, "bash", installation.directory.path] + words)
        #expect(result.standardError == "")
        return result.lines
    }

    private func expectNoHarm(_ installation: Installation) {
        #expect(!installation.directory.exists("PWNED"))
    }

    @Test(arguments: [
        ["teams-token", "show"], ["teams-token", "access-token"], ["teams-token", "exec"],
        ["teams-token", "status"], ["teams-token", "refresh"], ["maintain-teams", "--user"],
    ])
    func `bash completes users`(command: [String]) async throws {
        let installation = try await machine()
        #expect(
            try await Set(bash(installation, command[0], command[1], "")).isSuperset(of: [
                "7", "70", "alice@example.com", "späce man", Self.odd,
            ]))
        #expect(try await bash(installation, command[0], command[1], "7") == ["7", "70"])
        #expect(try await bash(installation, command[0], command[1], "it") == [])
        expectNoHarm(installation)
    }

    @Test func `the database that the line names counts`() async throws {
        var installation = try await machine()
        let path = installation.databasePath
        installation.environment["TEAMS_DATABASE"] = installation.directory.file("none")
        #expect(try await bash(installation, "teams-token", "show", "7") == [])
        #expect(
            try await bash(installation, "teams-token", "show", "--database", path, "7") == [
                "7", "70",
            ])
        #expect(
            try await bash(installation, "teams-token", "show", "--database", "'\(path)'", "7")
                == ["7", "70"])
        try installation.directory.write("TEAMS_DATABASE=\(path)\n", to: "other.env")
        installation.environment["TEAMS_DATABASE"] = nil
        #expect(
            try await bash(
                installation, "maintain-teams", "--config",
                installation.directory.file("other.env"),
                "--user", "al") == ["alice@example.com"])
    }

    @Test func `commands, options and choices complete`() async throws {
        let installation = try await machine()
        #expect(try await bash(installation, "teams-token", "acc") == ["access-token"])
        #expect(
            try await bash(installation, "maintain-teams", "--report", "") == [
                "always", "change", "error",
            ])
        #expect(try await bash(installation, "teams-token", "show", "--js").contains("--json"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `what Tab inserts is that user and no more`(shell: String) async throws {
        let installation = try await machine()
        let terminal = try await terminal(shell, installation)
        let user = shell == "bash" ? Self.odd : Self.evil
        try await terminal.press("-l", "clear; teams-token show \(user.prefix(2))")
        try await terminal.press("Tab")
        try await terminal.screen(with: shell == "bash" ? "#" : "PWNED")
        try await terminal.press("Enter")
        let screen = try await terminal.screen(with: "provider")
        #expect(screen.contains { $0.contains(user) }, "\(screen.joined(separator: "\n"))")
        expectNoHarm(installation)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `options, their values and the other program complete too`(shell: String) async throws {
        let installation = try await machine()
        let terminal = try await terminal(shell, installation)
        for (typed, completed) in [
            ("maintain-teams --dry-", "maintain-teams --dry-run"),
            ("maintain-teams --report ch", "maintain-teams --report change"),
            // bash puts a backslash before the @, which means the same.
            ("maintain-teams --user al", "example.com"),
            ("teams-token acc", "teams-token access-token"),
        ] {
            try await terminal.press("-l", typed)
            try await terminal.press("Tab")
            try await terminal.screen(with: completed)
            // Clears the line, without a new prompt that keys could be lost at.
            try await terminal.press("C-u")
        }
    }

    /// A shell at its prompt, with the completions loaded.
    private func terminal(_ shell: String, _ installation: Installation) async throws -> Terminal {
        let start: [String: [String]] = [
            "bash": ["/bin/bash", "--norc", "-i"], "zsh": ["/usr/bin/zsh", "-f", "-i"],
            "fish": ["/usr/bin/fish", "--no-config"],
        ]
        // In two parts, so that the word is on the screen only when the shell has said it.
        let setup: [String: String] = [
            "bash": "PS1='rea''dy> '",
            "zsh": "autoload -Uz compinit; compinit -u -D; PS1='rea''dy> '",
            "fish": "function fish_prompt; echo -n 'rea''dy> '; end",
        ]
        var environment = installation.environment
        environment["HOME"] = installation.directory.path
        let terminal = try await Terminal(
            columns: 150, environment: environment,
            ["/bin/sh", "-c", "cd \"$1\"; shift; exec \"$@\"", "sh", installation.directory.path]
                + (start[shell] ?? []))
        let load = ["teams-token", "maintain-teams"].map { "source ./\($0).\(shell); " }.joined()
        let commands = setup[shell] ?? ""
        try await terminal.press(
            "-l", shell == "zsh" ? "\(commands); \(load)" : "\(load)\(commands)")
        try await terminal.press("Enter")
        try await terminal.screen(with: "ready>")
        return terminal
    }

    @Test func `without a database there is silence`() async throws {
        let installation = try Installation()
        let result = try await installation.program("teams-token").run(
            "---completion", "show", "--", "positional@0", "2", "0", "teams-token", "show", "")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(result.lines.isEmpty)
    }
}
