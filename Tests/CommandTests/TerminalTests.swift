import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

/// What a person sees, through a real terminal.
struct TerminalTests {
    private static let users = [
        "7", "日本語ユーザー", "👩‍👩‍👧‍👦 family", "e\u{301}ve\u{308}", "한국",
        String(repeating: "x", count: 300), "ﾊﾝｶｸ", "naïve", "🇩🇪",
    ]

    private func installation() async throws -> Installation {
        let installation = try await Installation.initialized()
        for user in Self.users { try installation.insert(user: user, expiresIn: 7200) }
        return installation
    }

    @Test(arguments: [["list"], ["history"], ["health"]], [80, 40])
    func `no line of a table is too long`(arguments: [String], columns: Int) async throws {
        let installation = try await installation()
        try await Installation.withSandbox { _, refreshed in
            try refreshed.insert(user: "7", expiresIn: 60)
            try refreshed.insert(user: "8", expiresIn: 60, refreshToken: .some(nil))
            _ = try await refreshed.teamsToken("refresh", "--all")
            let machine = arguments == ["list"] ? installation : refreshed
            let terminal = try await Terminal(
                columns: columns, environment: machine.environment,
                [machine.program("teams-token").path] + arguments)
            let screen = try await terminal.finalScreen()
            #expect(screen.count > 1)
            #expect(try await !terminal.hasWrapped(), "\(screen.joined(separator: "\n"))")
        }
    }

    @Test func `cells are as wide as the terminal draws them`() async throws {
        let installation = try await installation()
        var runner = installation.program("teams-token")
        runner.output = .terminal(columns: 80)
        runner.environment["NO_COLOR"] = "1"
        let table = try await runner.run("list")
        let rows = table.lines.filter { $0.contains(" fresh ") }
        #expect(rows.count == Self.users.count)
        var columns: Set<Int> = []
        for row in rows {
            let cell = row.components(separatedBy: " fresh ")[0]
            let terminal = try await Terminal(
                columns: 120, environment: installation.environment,
                ["/bin/sh", "-c", "printf '%s|' \"$1\"; exec cat", "sh", cell])
            try await terminal.screen(with: "|")
            columns.insert(try await terminal.cursorColumn())
        }
        #expect(columns.count == 1, "\(columns)")
    }

    @Test(arguments: [80, 50])
    func `sentences are broken between words`(columns: Int) async throws {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            let program = installation.program("teams-token").path
            for arguments in [["refresh", "7"], ["show", "7"]] {
                let terminal = try await Terminal(
                    columns: columns, environment: installation.environment,
                    [program] + arguments)
                let screen = try await terminal.finalScreen()
                let lines = Self.value(named: "remedy", on: screen)
                #expect(lines.count > 1, "\(screen.joined(separator: "\n"))")
                #expect(
                    lines.joined(separator: " ")
                        == "let user 7 sign in to the application again; the next pass goes on by itself"
                )
            }
        }
    }

    /// The lines of a value that stands behind its name, without what is before its column.
    private static func value(named name: String, on screen: [String]) -> [String] {
        guard let start = screen.firstIndex(where: { $0.hasPrefix("  \(name) ") }) else {
            return []
        }
        let first = screen[start]
        let indent = first.count - first.dropFirst(2 + name.count).drop { $0 == " " }.count
        let rest = screen.dropFirst(start + 1).prefix { line in
            line.count > indent && line.prefix(indent).allSatisfy { $0 == " " }
        }
        return ([first] + rest).map { String($0.dropFirst(indent)) }
    }

    @Test(arguments: [80, 40])
    func `every command says its word on a narrow screen`(columns: Int) async throws {
        try await Installation.withSandbox { _, installation in
            try installation.insert(user: "日本語", expiresIn: 600)
            let program = installation.program("teams-token").path
            let expected = [
                (["show", "日本語"], "日本語"), (["status", "日本語"], "connected"),
                (["refresh", "日本語"], "1 of 1 due refreshed"),
            ]
            for (arguments, word) in expected {
                let terminal = try await Terminal(
                    columns: columns, environment: installation.environment,
                    [program] + arguments)
                let screen = try await terminal.finalScreen()
                // Wide texts may stand on two lines of the screen.
                #expect(screen.joined().contains(word), "\(screen.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: [80, 40])
    func `the progress line fits, and nothing is left of it`(columns: Int) async throws {
        try await Installation.withSandbox { sandbox, installation in
            for user in 1...3 { try installation.insert(user: "\(user)", expiresIn: 60) }
            sandbox.hold()
            let terminal = try await Terminal(
                columns: columns, environment: installation.environment,
                [installation.program("teams-token").path, "refresh", "--all"])
            await sandbox.waitForRequests(atLeast: 1)
            let during = try await terminal.screen(with: "in flight")
            #expect(during.count == 1)
            sandbox.release()
            let after = try await terminal.finalScreen()
            #expect(!after.contains { $0.contains("in flight") })
            #expect(after.contains { $0.contains("3 of 3 due refreshed") })
        }
    }

    @Test(arguments: [(["TERM": "dumb"], false), (["NO_COLOR": "1"], false), ([:], true)])
    func `colour only where it is wanted`(
        variables: [String: String], isColoured: Bool
    ) async throws {
        let installation = try await installation()
        var runner = installation.program("teams-token")
        runner.output = .terminal(columns: 80)
        runner.environment.merge(variables) { $1 }
        for arguments in [["list"], ["show", "7"], ["history"]] {
            let result = try await runner.run(arguments)
            if isColoured, arguments != ["history"] {
                #expect(result.standardOutput.contains("\u{1B}["))
            } else {
                #expect(!result.standardOutput.contains("\u{1B}"))
            }
        }
    }
}
