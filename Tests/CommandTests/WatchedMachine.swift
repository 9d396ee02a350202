/// A machine of a test's own whose passes are watched: a database, a sandbox, a metrics file, and the
/// built program.

import Foundation
import SandboxKit
import TestSupport
import TokenCore

struct WatchedMachine {
    let database: ApplicationDatabase
    var environment: [String: String]
    var directory: TemporaryDirectory { database.directory }

    init(_ sandbox: Sandbox? = nil) throws {
        database = try ApplicationDatabase()
        chmod(database.path, 0o600)
        environment = [
            "HOME": database.directory.path, "TEAMS_DATABASE": database.path,
            "TEAMS_CLIENT_ID": "client", "TEAMS_CLIENT_SECRET": Self.secret,
            "TEAMS_AUTHORITY_HOST": sandbox?.baseURL ?? "http://127.0.0.1:1",
            "TEAMS_GRAPH_URL": sandbox?.graphURL ?? "http://127.0.0.1:1",
            "TEAMS_METRICS_FILE": database.directory.file("teams.prom"),
        ]
    }

    static let secret = "canary-client-secret"

    /// A machine beside a sandbox over plain HTTP, which loopback hosts may use.
    static func beside(_ body: (Sandbox, inout WatchedMachine) async throws -> Void) async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        configuration.clientID = "client"
        configuration.clientSecret = secret
        try await Sandbox.withSandbox(configuration) { sandbox in
            var machine = try WatchedMachine(sandbox)
            try await body(sandbox, &machine)
        }
    }

    /// Rows that are due in ten minutes, or another time from now.
    func enrol(_ users: ClosedRange<Int>, expiresIn seconds: Double = 600) throws {
        for user in users {
            let expiry = Date(timeIntervalSinceNow: seconds)
            try database.enrol(
                user, expiresAt: expiry, refreshToken: Sandbox.refreshToken(user: String(user)),
                accessToken: Sandbox.accessToken(user: String(user), expiresAt: expiry))
        }
    }

    func execute(_ sql: String) throws { try database.session().execute(sql) }

    var program: ProgramRunner { ProgramRunner("maintain-teams", environment: environment) }

    @discardableResult
    func run(_ arguments: String...) async throws -> ProgramResult {
        try await program.run(arguments)
    }

    /// A pass that gets a signal while its first request is under way.
    func interrupted(by signal: Int32, beside sandbox: Sandbox) async throws -> ProgramResult {
        sandbox.hold()
        let running = try program.start([])
        await sandbox.waitForRequests(atLeast: 1)
        running.send(signal)
        while running.hasPending(signal) { await Task.yield() }
        sandbox.release()
        return await running.ended()
    }

    /// The metrics file, strictly read.
    func metrics() throws -> PrometheusText {
        try PrometheusText(
            String(decoding: directory.contents("teams.prom") ?? [], as: UTF8.self))
    }

    /// Writes a program for the hook.
    mutating func setHook(_ script: String) throws {
        environment["TEAMS_HOOK"] = try directory.writeProgram(script, to: "hook")
    }

    /// The lock of a pass, held by the test.
    func takeLock() throws -> FileLock {
        let acquisition = try FileLock.acquire(
            FileLock.path(forDatabase: database.path), like: try FileStatus(path: database.path),
            holder: "a test")
        guard case .acquired(let lock) = acquisition else { throw POSIXError(.EBUSY) }
        return lock
    }

    func text(_ name: String) -> String {
        String(decoding: directory.contents(name) ?? [], as: UTF8.self)
    }

    /// Everything that must be seen by nobody.
    func secrets() throws -> [String] {
        try database.session().query("SELECT access_token, refresh_token FROM oauth_tokens")
            .flatMap { $0.compactMap { $0 } } + [Self.secret]
    }
}
