/// An application's database and the built programs beside a server that says whatever it was told to,
/// byte by byte.

import Foundation
import TestSupport

struct HostileWorld {
    let server: RawServer
    let database: ApplicationDatabase
    var environment: [String: String]

    static let secret = "CANARY-client-secret"

    /// - Parameter answers: By user; all others are answered as they should be.
    init(_ answers: [Int: [RawServer.Delivery]]) throws {
        try self.init(
            beside: RawServer { request, nth in
                let user = request.user ?? 0
                let deliveries = answers[user] ?? [HostileAnswer.success()]
                return deliveries[min(nth, deliveries.count) - 1].addressed(to: user)
            })
    }

    init(beside server: RawServer) throws {
        self.server = server
        database = try ApplicationDatabase()
        chmod(database.path, 0o600)
        environment = [
            "HOME": database.directory.path, "TEAMS_DATABASE": database.path,
            "TEAMS_CLIENT_ID": "client", "TEAMS_CLIENT_SECRET": Self.secret,
            "TEAMS_AUTHORITY_HOST": server.url, "TEAMS_GRAPH_URL": server.url + "/v1.0",
        ]
    }

    /// Lets everybody watch who can: a log, metrics, pings, a hook that keeps what it is told and what
    /// it can see of its own process.
    mutating func watch() throws {
        let directory = database.directory
        environment["TEAMS_LOG_FILE"] = directory.file("log")
        environment["TEAMS_LOG_LEVEL"] = "trace"
        environment["TEAMS_METRICS_FILE"] = directory.file("teams.prom")
        environment["TEAMS_PING_URL"] = server.url + "/ping"
        environment["TEAMS_HOOK"] = try directory.writeProgram(
            """
            cd '\(directory.path)' && cat >>told
            for file in cmdline environ limits status; do tr '\\0\\t' '\\n ' </proc/$$/$file; done >child
            ls -l /proc/$$/fd | sed 's/.*-> //' >descriptors
            """, to: "hook")
    }

    /// Users who are due, one after the other in the order of their numbers.
    func enrol(_ users: ClosedRange<Int>) throws {
        for user in users {
            try database.enrol(user, expiresAt: Date(timeIntervalSinceNow: 300 + Double(user)))
        }
    }

    func run(_ program: String = "maintain-teams", _ arguments: String...) async throws
        -> ProgramResult
    {
        try await ProgramRunner(program, environment: environment).run(arguments)
    }

    func document(_ arguments: String...) async throws -> (Document, ProgramResult) {
        let result = try await ProgramRunner("maintain-teams", environment: environment)
            .run(["--json"] + arguments)
        return (try Document(result.standardOutput), result)
    }

    func text(_ file: String) -> String {
        String(decoding: database.directory.contents(file) ?? [], as: UTF8.self)
    }

    func requests(of user: Int) -> Int { server.requests.count { $0.user == user } }

    /// What is remembered of a user: verdict, and the next attempt in seconds after a time.
    func memory(of user: Int, since date: Date) throws -> (verdict: String, nextAttempt: Double?)? {
        let rows = try database.session().query(
            "SELECT verdict, next_attempt_at FROM maintain_teams_connections WHERE user_id = \(user)"
        )
        return rows.first.map { row in
            (row[0] ?? "", row[1].flatMap(Double.init).map { $0 - date.timeIntervalSince1970 })
        }
    }
}

extension String {
    /// Characters that a terminal obeys, and those that turn text around.
    var commands: [Unicode.Scalar] {
        unicodeScalars.filter {
            ($0.properties.generalCategory == .control && $0 != "\n")
                || $0.properties.generalCategory == .format
        }
    }
}
