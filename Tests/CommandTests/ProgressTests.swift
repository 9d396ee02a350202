/// The progress line of a pass, through a real terminal: right whenever somebody looks, and gone at the end.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct ProgressTests {
    /// A pass at a terminal.
    private func start(
        _ machine: Installation, columns: Int = 80, _ arguments: String...
    ) async throws -> Terminal {
        // A held request that ended would be an event of its own.
        let environment = machine.environment.merging(["TEAMS_REQUEST_TIMEOUT": "10m"]) { $1 }
        return try await Terminal(
            columns: columns, environment: environment,
            [machine.program("maintain-teams").path] + arguments)
    }

    /// That nothing is left of the line.
    private func expectGone(
        from terminal: Terminal, report: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let screen = try await terminal.finalScreen()
        let text = screen.joined(separator: "\n")
        #expect(!text.contains("settled") && !text.contains("flight"), "\(text)")
        #expect(!text.contains("tested"), "\(text)", sourceLocation: sourceLocation)
        #expect(
            screen.joined(separator: " ").contains(report), "\(text)",
            sourceLocation: sourceLocation)
    }

    @Test(arguments: [1, 100])
    func `the line is right when nothing moves any more`(users: Int) async throws {
        try await Installation.withSandbox { sandbox, machine in
            for user in 1...users { try machine.insert(user: "\(user)", expiresIn: 60) }
            // All but the last are answered within moments, too soon for a line each.
            sandbox.hold(from: users)
            let terminal = try await start(machine)
            try await terminal.screen(with: "\(users - 1) settled, 1 in flight")
            sandbox.release()
            try await expectGone(from: terminal, report: "\(users) of \(users) due refreshed")
        }
    }

    @Test func `a hundred thousand rows don't hide the few that are due`() async throws {
        try await Installation.withSandbox { sandbox, machine in
            for user in 1...2 { try machine.insert(user: "\(user)", expiresIn: 60) }
            try machine.execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 100007)
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                SELECT i, 'a', 'r', unixepoch() + 7200 FROM n
                """)
            sandbox.hold(from: 2)
            let terminal = try await start(machine)
            try await terminal.screen(with: "1 settled, 1 in flight")
            sandbox.release()
            try await expectGone(from: terminal, report: "2 of 2 due refreshed; 100000 connections")
        }
    }

    @Test func `a window of another width is drawn anew, and nothing is left`() async throws {
        try await Installation.withSandbox { sandbox, machine in
            for user in 1...2 { try machine.insert(user: "\(user)", expiresIn: 60) }
            sandbox.hold()
            let terminal = try await start(machine)
            try await terminal.screen(with: "0 settled, 1 in flight")
            try await terminal.resize(columns: 12)
            // The last column stays free.
            _ = try await terminal.screen { $0 == ["0 settled,"] }
            try await terminal.resize(columns: 60)
            try await terminal.screen(with: "0 settled, 1 in flight")
            sandbox.release()
            try await expectGone(from: terminal, report: "2 of 2 due refreshed")
        }
    }

    @Test func `lines of verbose stand above it`() async throws {
        try await Installation.withSandbox { sandbox, machine in
            for user in 1...2 { try machine.insert(user: "\(user)", expiresIn: 60) }
            sandbox.hold(from: 2)
            let terminal = try await start(machine, "-v")
            let screen = try await terminal.screen(with: "1 settled, 1 in flight")
            #expect(screen == ["user 1: refreshed", "1 settled, 1 in flight"])
            sandbox.release()
            try await expectGone(from: terminal, report: "user 2: refreshed")
        }
    }

    @Test func `the test of the API has a line of its own`() async throws {
        try await Installation.withSandbox { sandbox, machine in
            for user in 1...3 { try machine.insert(user: "\(user)", expiresIn: 7200) }
            sandbox.hold(from: 3)
            let terminal = try await start(machine, "--test-api")
            try await terminal.screen(with: "2 tested by Graph")
            sandbox.release()
            try await expectGone(from: terminal, report: "3 connections, 3 not due")
        }
    }
}
