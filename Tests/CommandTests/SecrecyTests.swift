/// A canary in every secret: it appears in no stream, log, table of ours or leftover file, whatever happens.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct SecrecyTests {
    static let faults: [(name: String, Fault)] = [
        ("none", Fault(.dateOffset(seconds: 0))),
        ("revoked", Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50173]))),
        ("app", Fault(.refused("invalid_client", codes: [7_000_215], status: 401))),
        ("html", Fault(.html(status: 404))),
        ("malformed", Fault(.expiresIn("\"CANARY\""))),
        ("throttled", Fault(.status(429, retryAfter: .seconds(3000)))),
        (
            "hostile",
            Fault(
                .oauthError(
                    OAuthFailure(
                        "invalid_grant", suberror: "\u{1B}[31mCANARY", codes: [50076],
                        description: "\u{1B}]0;CANARY\u{7} refresh_token=CANARY")))
        ),
    ]

    @Test(arguments: faults.map(\.name))
    func `no secret leaves the program`(_ name: String) async throws {
        var configuration = SandboxConfiguration()
        configuration.clientSecret = "CANARY-client-secret"
        try await PassWorld.run(configuration) { world in
            for user in 1...2 {
                try world.database.enrol(
                    user, expiresAt: Date(timeIntervalSinceNow: 60),
                    refreshToken: Sandbox.refreshToken(user: String(user)),
                    accessToken: "CANARY-access-token")
            }
            if let fault = Self.faults.first(where: { $0.name == name })?.1 {
                world.sandbox.script(user: "1", faults: [fault])
            }
            let log = world.database.directory.file("pass.log")
            let result = try await world.program.run(
                "--json", "-vv", "--test-api", "--log-file", log, "--log-level", "trace")
            let tokens =
                ["CANARY"]
                + [0, 1].map { String(Sandbox.refreshToken(user: "1", generation: $0).suffix(40)) }
            var places = [result.standardOutput, result.standardError]
            places.append(
                String(decoding: world.database.directory.contents("pass.log") ?? [], as: UTF8.self)
            )
            for table in StateSchema.tableNames {
                let rows = try world.database.session().query(
                    "SELECT * FROM \(table)")
                places.append(rows.flatMap { $0.compactMap { $0 } }.joined(separator: " "))
            }
            for place in places {
                for token in tokens { #expect(!place.contains(token)) }
            }
            #expect(!(result.standardOutput + result.standardError).contains("\u{1B}"))
            #expect(!result.standardOutput.isEmpty)
            // A finished pass leaves no spool.
            #expect(!world.database.directory.exists("teams.sqlite3.maintain-teams.spool"))
        }
    }
}
