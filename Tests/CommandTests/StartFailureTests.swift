/// What an admin reads when a run can't start: the status, the reason, and what to do about it.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import TokenCore

struct StartFailureTests {
    private static let commands: [(program: String, arguments: [String])] = [
        ("teams-token", ["list"]), ("teams-token", ["access-token", "1"]),
        ("teams-token", ["status", "1"]), ("teams-token", ["refresh", "1"]),
        ("teams-token", ["login", "5"]), ("maintain-teams", ["-n"]), ("maintain-teams", []),
    ]

    /// A database that every user of the machine can reach, with our tables in it and no lock.
    private func shared(journal: String = "DELETE", mode: mode_t, group: gid_t = 0) async throws
        -> Installation
    {
        var installation = try await Installation.initialized()
        installation.environment["TEAMS_CLIENT_ID"] = "client"
        try installation.insert(user: "1", expiresIn: 7200)
        _ = try await installation.program("maintain-teams").run()
        let session = try SQLiteSession(path: installation.databasePath)
        try session.execute("PRAGMA journal_mode = \(journal)")
        unlink(installation.databasePath + ".maintain-teams.lock")
        chmod(installation.directory.path, 0o755)
        chmod(installation.directory.file("config.env"), 0o644)
        chmod(installation.databasePath, mode)
        chown(installation.databasePath, 0, group)
        return installation
    }

    private func asNobody(
        _ installation: Installation, _ name: String, _ arguments: [String]
    ) async throws -> ProgramResult {
        var program = installation.program(name)
        program.becomeNobody()
        return try await program.run(arguments)
    }

    @Test(arguments: commands, [0o755, 0o1777])
    func `a directory is no database, and its mode is left alone`(
        _ command: (program: String, arguments: [String]), _ mode: Int
    ) async throws {
        var installation = try Installation()
        installation.environment["TEAMS_CLIENT_ID"] = "client"
        installation.environment["TEAMS_DATABASE"] = installation.directory.path
        chmod(installation.directory.path, mode_t(mode))
        let result = try await installation.program(command.program).run(command.arguments)
        #expect(result.exitCode == 74)
        #expect(
            result.standardError.hasPrefix(
                """
                \(command.program): DATABASE (74): \(installation.directory.path) is a directory
                  hint: TEAMS_DATABASE names a file
                """), "\(result.standardError)")
        #expect(!result.standardError.contains("chmod"))
    }

    @Test(
        .enabled(if: ProgramRunner.canBecomeNobody, "needs root, and a build all may enter"),
        arguments: commands)
    func `a database that may not be read names its owner`(
        _ command: (program: String, arguments: [String])
    ) async throws {
        let installation = try await shared(mode: 0o600)
        let result = try await asNobody(installation, command.program, command.arguments)
        #expect(result.exitCode == 77)
        #expect(
            result.standardError.contains(
                "PERMISSION (77): \(installation.databasePath) may not be read by this user\n"),
            "\(result.standardError)")
        #expect(
            result.standardError.contains(
                "hint: run it as its owner root, or let this user in: `chgrp nogroup "))
    }

    @Test(.enabled(if: ProgramRunner.canBecomeNobody, "needs root, and a build all may enter"))
    func `a database that may be read is not written`() async throws {
        let installation = try await shared(mode: 0o640, group: 65534)
        #expect(try await asNobody(installation, "teams-token", ["list"]).exitCode == 0)
        let result = try await asNobody(installation, "teams-token", ["refresh", "1"])
        #expect(result.exitCode == 77)
        #expect(result.standardError.contains("may not be written by this user"))
        #expect(
            result.standardError.contains(
                "let this user in: `chmod g+rw \(installation.databasePath)`"))
    }

    @Test(.enabled(if: ProgramRunner.canBecomeNobody, "needs root, and a build all may enter"))
    func `a lock that may not be made says what helps`() async throws {
        let installation = try await shared(mode: 0o660, group: 65534)
        let result = try await asNobody(installation, "teams-token", ["refresh", "1"])
        #expect(result.exitCode == 77)
        #expect(
            result.firstErrorLine.contains(".lock: Permission denied"), "\(result.standardError)")
        #expect(
            result.standardError.contains(
                "hint: run it as the database's owner, or let this user write the directory"))
    }

    @Test(.enabled(if: ProgramRunner.canBecomeNobody, "needs root, and a build all may enter"))
    func `a database that may not be created says what helps`() async throws {
        let installation = try Installation()
        chmod(installation.directory.path, 0o755)
        chmod(installation.directory.file("config.env"), 0o644)
        for path in [installation.databasePath, installation.directory.file("none/teams.sqlite3")] {
            let result = try await asNobody(
                installation, "teams-token", ["init", "--database", path])
            #expect(result.exitCode == 77)
            #expect(result.standardError.contains("\n  hint: "), "\(result.standardError)")
        }
    }

    /// SQLite can't read it: see `DatabaseAccess`.
    @Test(.enabled(if: ProgramRunner.canBecomeNobody, "needs root, and a build all may enter"))
    func `a database in WAL mode in a directory that is closed to us says what helps`()
        async throws
    {
        let installation = try await shared(journal: "WAL", mode: 0o640, group: 65534)
        let result = try await asNobody(installation, "teams-token", ["list"])
        #expect(result.exitCode == 74)
        #expect(
            result.standardError.contains("hint: SQLite reads a database in WAL mode only where"),
            "\(result.standardError)")
    }

    // MARK: Names

    @Test(arguments: commands.filter { $0.arguments != ["-n"] })
    func `a variable that is misspelt is named where the start fails`(
        _ command: (program: String, arguments: [String])
    ) async throws {
        var installation = try Installation()
        installation.environment["TEAMS_CLIENT_IDD"] = "y"
        let result = try await installation.program(command.program).run(command.arguments)
        #expect([74, 78].contains(result.exitCode))
        #expect(result.firstErrorLine.hasPrefix("\(command.program): "))
        #expect(!result.firstErrorLine.contains("warning"))
        let warning =
            "\(command.program): warning: environment: TEAMS_CLIENT_IDD: ignored; did you mean TEAMS_CLIENT_ID?\n"
        #expect(
            result.standardError.components(separatedBy: warning).count == 2,
            "\(result.standardError)")
    }

    @Test func `a missing setting names the file that it belongs to`() async throws {
        let installation = try Installation()
        let result = try await installation.program("maintain-teams").run()
        #expect(
            result.standardError == """
                maintain-teams: CONFIG (78): TEAMS_CLIENT_ID: not set; put the application (client) id of your app registration in \(installation.directory.file("config.env"))
                  hint: every setting is explained by `man maintain-teams.env`, and in docs/configuration.md

                """)
    }

    @Test func `a database without the table says how to make it`() async throws {
        let installation = try Installation()
        try installation.execute("CREATE TABLE other (a)")
        chmod(installation.databasePath, 0o600)
        let result = try await installation.teamsToken("list")
        #expect(result.exitCode == 74)
        #expect(result.standardError.contains("or create the table with `teams-token init`"))
    }

    @Test func `one connection is singular`() async throws {
        var installation = try await Installation.initialized()
        installation.environment["TEAMS_CLIENT_ID"] = "client"
        try installation.insert(user: "1", expiresIn: 7200)
        for arguments in [["--dry-run"], ["--verbose"]] {
            let result = try await installation.program("maintain-teams").run(arguments)
            #expect(result.standardOutput.contains("; 1 connection, 1 not due; "), "\(result)")
        }
    }
}
