/// A sandbox instead of Microsoft, an application's database, and the built `maintain-teams`.

import Foundation
import SandboxKit
import TestSupport

@testable import TokenCore

struct PassWorld {
    let sandbox: Sandbox
    let database: ApplicationDatabase
    var program: ProgramRunner

    /// Starts a sandbox for the time of `body`.
    static func run<Value>(
        _ configuration: SandboxConfiguration = SandboxConfiguration(),
        in directory: TemporaryDirectory? = nil,
        _ body: (PassWorld) async throws -> Value
    ) async throws -> Value {
        try await Sandbox.withSandbox(configuration) { sandbox in
            let database = try ApplicationDatabase(in: directory)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: database.path)
            var environment = [
                "TEAMS_CLIENT_ID": configuration.clientID ?? "",
                "TEAMS_CLIENT_SECRET": configuration.clientSecret ?? "",
                "TEAMS_AUTHORITY_HOST": sandbox.baseURL, "TEAMS_GRAPH_URL": sandbox.graphURL,
                "TEAMS_DATABASE": database.path,
            ]
            environment["TEAMS_CA_FILE"] = sandbox.certificateFile
            return try await body(
                PassWorld(
                    sandbox: sandbox, database: database,
                    program: ProgramRunner("maintain-teams", environment: environment)))
        }
    }

    /// Enrols users with tokens that the sandbox knows, due in ten minutes unless said otherwise.
    func enrol(_ users: ClosedRange<Int>, expiresIn seconds: Double = 600) throws {
        for user in users {
            try database.enrol(
                user, expiresAt: Date(timeIntervalSinceNow: seconds),
                refreshToken: Sandbox.refreshToken(user: String(user)),
                accessToken: Sandbox.accessToken(
                    user: String(user), expiresAt: Date(timeIntervalSinceNow: seconds)))
        }
    }

    /// A server for which a refresh token that was used is dead: what is lost shows.
    static func strict<Value>(
        in directory: TemporaryDirectory? = nil, _ body: (PassWorld) async throws -> Value
    ) async throws -> Value {
        var configuration = SandboxConfiguration()
        configuration.rotation = .strict
        configuration.usesTLS = false
        return try await run(configuration, in: directory, body)
    }

    /// Users whose row doesn't hold the newest refresh token that the server gave out.
    func behind(_ users: ClosedRange<Int>) throws -> [Int] {
        try users.filter { try generation($0) != sandbox.generation(of: String($0)) }
    }

    var spoolName: String { "teams.sqlite3.maintain-teams.spool" }

    /// Users whose answers wait in the spool.
    func spooled() throws -> [Int] {
        try Spool.leftovers(at: database.directory.file(spoolName)).compactMap {
            Int($0.connection.userID.description)
        }.sorted()
    }

    /// Starts a pass over users 1 to 8, four at a time, and returns when four answers are on their
    /// way: the first user's tokens are stored. What a test does now, it does between the server and
    /// the store; then it releases the answers.
    func startWithFourInFlight(
        _ arguments: [String] = [], with program: ProgramRunner? = nil
    ) async throws -> RunningProgram {
        try enrol(1...8)
        sandbox.hold(from: 2)
        let running = try (program ?? self.program).start(arguments + ["--concurrency", "4"])
        await sandbox.waitForRequests(atLeast: 5)
        return running
    }

    func refuse(_ user: Int, _ error: String, suberror: String? = nil, codes: [Int] = []) {
        sandbox.script(
            user: String(user), faults: [Fault(.refused(error, suberror: suberror, codes: codes))])
    }

    /// How often a user's refresh token was rotated, by what the table holds.
    func generation(_ user: Int) throws -> Int? {
        try database.row(user)?.refreshToken.flatMap { Sandbox.readRefreshToken($0)?.generation }
    }

    func document(_ arguments: String...) async throws -> (Document, ProgramResult) {
        let result = try await program.run(["--json"] + arguments)
        return (try Document(result.standardOutput), result)
    }
}

/// The JSON document of a run.
struct Document {
    let text: String
    private let root: [String: Any]

    /// - Throws: When it is not exactly one document on one line.
    init(_ text: String) throws {
        let lines = text.split(separator: "\n")
        guard lines.count == 1, text.hasSuffix("\n") else {
            throw ProgramFailure(message: "not one document: \(text)")
        }
        self.text = String(lines[0])
        root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    var result: String? { root["result"] as? String }
    var exitCode: Int? { root["exit_code"] as? Int }
    var warnings: [String] { root["warnings"] as? [String] ?? [] }
    var problems: [[String: Any]] { root["problems"] as? [[String: Any]] ?? [] }
    var plan: [[String: Any]]? { root["plan"] as? [[String: Any]] }
    var counts: [String: Int]? { root["counts"] as? [String: Int] }
    var apiTest: [String: Int]? { root["api_test"] as? [String: Int] }

    /// The counts that are not zero.
    var present: [String: Int]? { counts?.filter { $0.value != 0 } }
}
