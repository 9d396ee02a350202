import Foundation
import SandboxKit
import TestSupport

@testable import TokenCore

/// A machine of a test's own: a directory with a config file and a database, and the built programs.
struct Installation {
    let directory: TemporaryDirectory
    var environment: [String: String]

    /// - Parameter sandbox: Who answers the programs; nil leaves the client unset.
    init(_ sandbox: Sandbox? = nil) throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "config.env")
        environment = [
            "HOME": directory.path, "TEAMS_CONFIG": directory.file("config.env"),
            "TEAMS_DATABASE": directory.file("teams.sqlite3"),
        ]
        if let sandbox {
            environment["TEAMS_CLIENT_ID"] = sandbox.configuration.clientID
            environment["TEAMS_CLIENT_SECRET"] = sandbox.configuration.clientSecret
            environment["TEAMS_AUTHORITY_HOST"] = sandbox.baseURL
            environment["TEAMS_GRAPH_URL"] = sandbox.graphURL
        }
    }

    /// One with an empty table.
    static func initialized(_ sandbox: Sandbox? = nil) async throws -> Installation {
        let installation = try Installation(sandbox)
        _ = try await installation.teamsToken("init")
        return installation
    }

    var databasePath: String { directory.file("teams.sqlite3") }

    func program(_ name: String) -> ProgramRunner {
        ProgramRunner(name, environment: environment)
    }

    func teamsToken(_ arguments: String...) async throws -> ProgramResult {
        try await program("teams-token").run(arguments)
    }

    /// A sandbox over plain HTTP, which loopback hosts may use: no certificate to make.
    static func withSandbox<Result>(
        _ body: (Sandbox, Installation) async throws -> Result
    ) async throws -> Result {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        return try await Sandbox.withSandbox(configuration) { sandbox in
            try await body(sandbox, try await initialized(sandbox))
        }
    }
}

// MARK: The table

extension Installation {
    /// Adds a row whose tokens the sandbox knows.
    /// - Parameters:
    ///   - user: An integer where it reads as one.
    ///   - seconds: Until it expires; half a second more, so that words about it hold while a test runs.
    func insert(user: String, expiresIn seconds: Double, refreshToken: String?? = .none) throws {
        let expiry = Date(timeIntervalSinceNow: seconds)
        try insert(
            user: user,
            expiresAt: .text(
                CalendarTime(utcSeconds: expiry.wholeSeconds + 1).text(separator: " ")),
            accessToken: Sandbox.accessToken(user: user, expiresAt: expiry),
            refreshToken: refreshToken ?? Sandbox.refreshToken(user: user))
    }

    func insert(
        user: String, expiresAt: SQLiteValue, accessToken: String, refreshToken: String?
    ) throws {
        try execute(
            "INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at) VALUES (?1, ?2, ?3, ?4)",
            SQLiteValue(UserID.candidates(for: user)[0]), .text(accessToken),
            refreshToken.map { .text($0) } ?? .null, expiresAt)
    }

    func execute(_ sql: String, _ values: SQLiteValue...) throws {
        let database = try Database(path: databasePath, mode: .create, busyTimeout: .seconds(5))
        let statement = try database.prepare(text: sql)
        switch values.count {
        case 0: break
        case 1: try statement.bind(values[0])
        default: try statement.bind(values[0], values[1], values[2], values[3])
        }
        try statement.run()
    }

    /// Both the journal and what passes with nothing to do have noted beside it.
    func forgetPasses() throws {
        try execute("DELETE FROM maintain_teams_passes")
        IdleJournal(database: databasePath).discard()
    }

    /// The first column of the first row.
    func value(_ sql: String) throws -> SQLiteValue {
        let database = try Database(path: databasePath, mode: .readOnly, busyTimeout: .seconds(5))
        let statement = try database.prepare(text: sql)
        return try statement.step() ? statement.value(0) : .null
    }
}

// MARK: Output

extension ProgramResult {
    /// Standard output as one JSON document.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(standardOutput.utf8))) as? [String: Any]
            ?? [:]
    }

    var jsonArray: [[String: Any]] {
        (try? JSONSerialization.jsonObject(with: Data(standardOutput.utf8))) as? [[String: Any]]
            ?? []
    }

    var lines: [String] { standardOutput.split(separator: "\n").map(String.init) }

    /// The line that every failure begins with.
    var firstErrorLine: String {
        standardError.split(separator: "\n").first.map(String.init) ?? ""
    }
}
