import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenLoginTests {
    /// A sandbox whose user needs no time, at the shortest interval.
    private func withSignIn(
        _ login: DeviceLogin = DeviceLogin(user: "anna", pendingPolls: 0, interval: 1),
        _ body: (Sandbox, Installation) async throws -> Void
    ) async throws {
        try await Installation.withSandbox { sandbox, installation in
            sandbox.script(deviceLogin: login)
            try await body(sandbox, installation)
        }
    }

    // MARK: Signing in

    @Test func `page and code are shown, and the connection is stored`() async throws {
        try await withSignIn(DeviceLogin(user: "anna", pendingPolls: 1, interval: 1)) {
            sandbox, installation in
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 0)
            #expect(result.standardError == "")
            #expect(
                result.lines.prefix(3) == [
                    "To sign user 7 in, open this page:", "  https://microsoft.com/devicelogin",
                    "and enter this code:",
                ])
            try #require(result.lines.count == 6)
            #expect(result.lines[3].count == 11)
            #expect(result.lines[4] == "waiting for the sign-in; the code expires in 15 min")
            #expect(
                result.lines[5].hasPrefix(
                    "connected: user 7 as user-anna@sandbox.example; the token expires in "))
            let requests = sandbox.requests
            try #require(requests.map(\.endpoint) == [.deviceCode, .token, .token])
            #expect(requests[0].scope == AdminProgram.signInScopes)
            #expect(requests[0].fields == ["client_id", "scope"])
            #expect(
                requests[1].fields == ["client_id", "client_secret", "device_code", "grant_type"])
            #expect(
                try installation.value("SELECT typeof(user_id) || user_id FROM oauth_tokens")
                    == .text("integer7"))
            #expect(
                try installation.value("SELECT refresh_token FROM oauth_tokens")
                    == .text(Sandbox.refreshToken(user: "anna")))
            #expect(try installation.value("SELECT scope FROM oauth_tokens") != .null)
            // And it lives on.
            let refresh = try await installation.teamsToken("refresh", "7")
            #expect(refresh.exitCode == 0)
            #expect(sandbox.generation(of: "anna") == 1)
        }
    }

    @Test func `a connection that is there is replaced in its place and its form`() async throws {
        try await withSignIn { sandbox, installation in
            try installation.insert(user: "6", expiresIn: 600)
            try installation.execute(
                "INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at, scope, created_at) VALUES (7, 'a', 'dead', 1700000000, 'old', 'then')"
            )
            let result = try await installation.teamsToken("login", "7", "--json")
            #expect(result.exitCode == 0)
            #expect(result.json["created"] as? Bool == false)
            #expect(result.json["user_id"] as? Int == 7)
            #expect(result.json["provider"] as? String == "microsoft")
            let account = try #require(result.json["account"] as? [String: String])
            #expect(account["object_id"] == Sandbox.objectID(of: "anna"))
            #expect(account["name"] == "user-anna@sandbox.example")
            #expect(result.lines.count == 1)
            #expect(result.errorLines.contains("  https://microsoft.com/devicelogin"))
            #expect(
                try installation.value(
                    "SELECT id || created_at || (scope <> 'old') || typeof(expires_at) FROM oauth_tokens WHERE user_id = 7"
                ) == .text("2then1integer"))
            #expect(
                try installation.value("SELECT expires_at FROM oauth_tokens WHERE user_id = 7")
                    == .integer(Int64(result.json["expires_at"] as? Int ?? 0)))
        }
    }

    @Test func `a new row takes the form of the newest one`() async throws {
        try await withSignIn { _, installation in
            try installation.insert(
                user: "6", expiresAt: .text("2026-11-22T12:00:00.000Z"), accessToken: "a",
                refreshToken: "r")
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
            #expect(
                try installation.value(
                    "SELECT expires_at GLOB '20??-??-??T??:??:??.000Z' FROM oauth_tokens WHERE user_id = 7"
                ) == .integer(1))
        }
    }

    @Test func `configured scopes are asked for, with offline_access`() async throws {
        try await withSignIn { sandbox, original in
            var installation = original
            installation.environment["TEAMS_SCOPES"] = "openid User.Read"
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 0)
            #expect(sandbox.requests.first?.scope == "offline_access openid User.Read")
        }
    }

    @Test func `a failure that stood against the connection no longer counts`() async throws {
        try await withSignIn { sandbox, installation in
            try installation.insert(user: "7", expiresIn: 60)
            sandbox.script(
                user: "7",
                faults: [Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))])
            #expect(try await installation.teamsToken("refresh", "7").exitCode == 10)
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
            let status = try await installation.teamsToken("status", "7")
            #expect(status.exitCode == 0)
            #expect(status.json["needs_reauthentication"] as? Bool == false)
        }
    }

    // MARK: Whose account

    @Test func `another account is refused, unless it is meant`() async throws {
        try await withSignIn { sandbox, installation in
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
            sandbox.script(deviceLogin: DeviceLogin(user: "bob", pendingPolls: 0, interval: 1))
            let refused = try await installation.teamsToken("login", "7")
            #expect(refused.exitCode == 64)
            #expect(
                refused.firstErrorLine
                    == "teams-token: USAGE (64): another account signed in than the last time; nothing was stored"
            )
            try #require(refused.errorLines.count == 4)
            #expect(
                refused.errorLines[1].hasPrefix(
                    "  the last time: user-anna@sandbox.example (oid \(Sandbox.objectID(of: "anna")), tid "
                ))
            #expect(refused.errorLines[2].hasPrefix("  now: user-bob@sandbox.example (oid "))
            #expect(refused.errorLines[3].contains("`teams-token login 7 --replace-account`"))
            let token = "SELECT refresh_token FROM oauth_tokens"
            #expect(try installation.value(token) == .text(Sandbox.refreshToken(user: "anna")))
            let meant = try await installation.teamsToken("login", "7", "--replace-account")
            #expect(meant.exitCode == 0)
            #expect(
                try installation.value(token)
                    == .text(Sandbox.refreshToken(user: "bob", generation: 1)))
            // The same account needs no option.
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
        }
    }

    @Test func `an account of a row that is gone binds nobody`() async throws {
        try await withSignIn { sandbox, installation in
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
            try installation.execute("DELETE FROM oauth_tokens")
            sandbox.script(deviceLogin: DeviceLogin(user: "bob", pendingPolls: 0, interval: 1))
            #expect(try await installation.teamsToken("login", "7").exitCode == 0)
            #expect(
                try installation.value("SELECT object_id FROM maintain_teams_accounts")
                    == .text(Sandbox.objectID(of: "bob")))
        }
    }

    @Test func `an answer that names nobody is no proof of the same account`() async throws {
        try await withSignIn { sandbox, original in
            var installation = original
            installation.environment["TEAMS_SCOPES"] = "User.Read"
            let first = try await installation.teamsToken("login", "7", "--json")
            #expect(first.exitCode == 0)
            #expect(first.json["account"] is NSNull)
            #expect((first.json["warnings"] as? [String])?.first?.contains("TEAMS_SCOPES") == true)
            #expect(try await original.teamsToken("login", "7").exitCode == 0)
            let refused = try await installation.teamsToken("login", "7")
            #expect(refused.exitCode == 64)
            #expect(refused.standardError.contains("put openid and profile into TEAMS_SCOPES"))
            #expect(
                try await installation.teamsToken("login", "7", "--replace-account").exitCode == 0)
            #expect(
                try installation.value("SELECT count(*) FROM maintain_teams_accounts")
                    == .integer(0))
        }
    }

    @Test func `what is remembered goes with the row`() async throws {
        try await withSignIn { _, installation in
            for user in ["7", "8"] {
                #expect(try await installation.teamsToken("login", user).exitCode == 0)
            }
            #expect(try await installation.teamsToken("remove", "7", "--yes").exitCode == 0)
            let users = "SELECT group_concat(user_id) FROM maintain_teams_accounts"
            #expect(try installation.value(users) == .text("8"))
            // The application removes one, and the next pass that works tidies up.
            try installation.execute("DELETE FROM oauth_tokens")
            try installation.insert(user: "9", expiresIn: 60)
            #expect(try await installation.program("maintain-teams").run().exitCode == 0)
            #expect(try installation.value(users) == .null)
        }
    }

    // MARK: Refusals

    @Test(arguments: [
        (DeviceLogin.Outcome.declined, 10, "REAUTH (10): the sign-in or its consent was declined"),
        (.expired, 75, "TRANSIENT (75): the device code expired before the user signed in"),
    ])
    func `what the user decides is told with the next step`(
        outcome: DeviceLogin.Outcome, exitCode: Int32, line: String
    ) async throws {
        try await withSignIn(DeviceLogin(pendingPolls: 0, outcome: outcome, interval: 1)) {
            _, installation in
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == exitCode)
            #expect(result.firstErrorLine.hasPrefix("teams-token: \(line)"))
            #expect(result.standardError.contains("hint: run `teams-token login 7` again"))
            #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
        }
    }

    @Test func `a code that nobody enters expires by our clock`() async throws {
        try await withSignIn(DeviceLogin(pendingPolls: 9, interval: 1, expiresIn: 1)) {
            sandbox, installation in
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 75)
            #expect(
                result.firstErrorLine
                    == "teams-token: TRANSIENT (75): nobody signed in within 1 s: the code has expired"
            )
            #expect(sandbox.requests.count == 1)
        }
    }

    @Test func `a confidential client without its secret is told both ways out`() async throws {
        try await withSignIn { _, original in
            var installation = original
            installation.environment["TEAMS_CLIENT_SECRET"] = nil
            let result = try await installation.teamsToken("login", "7", "--json")
            #expect(result.exitCode == 78)
            #expect(result.json["result"] as? String == "config")
            #expect(result.standardError.contains("Allow public client flows"))
            #expect(result.standardError.contains("TEAMS_CLIENT_SECRET_FILE"))
        }
    }

    @Test func `without a refresh token nothing is stored`() async throws {
        try await withSignIn { sandbox, installation in
            sandbox.script(user: "anna", faults: [Fault(.withoutRefreshToken)])
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 78)
            #expect(
                result.firstErrorLine.contains("no refresh token: offline_access was not granted"))
            #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
        }
    }

    @Test func `trouble on the way is told, and the sign-in goes on`() async throws {
        try await withSignIn { sandbox, installation in
            sandbox.script(
                user: "anna",
                faults: [
                    Fault(.status(503), count: 1),
                    Fault(.status(429, retryAfter: .seconds(1)), count: 1),
                ])
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 0)
            #expect(
                result.errorLines == [
                    "teams-token: warning: the token endpoint answered HTTP 503; asking again until the code expires",
                    "teams-token: warning: the token endpoint asked for a pause (HTTP 429); asking again until the code expires",
                ])
        }
    }

    @Test func `a pause that Microsoft asked for is kept by the next process`() async throws {
        try await withSignIn { sandbox, installation in
            sandbox.script(
                user: "*",
                faults: [Fault(.status(429, retryAfter: .seconds(600)), endpoint: .deviceCode)])
            let first = try await installation.teamsToken("login", "7")
            #expect(first.exitCode == 75)
            #expect(first.firstErrorLine.contains("no code to sign in with: "))
            #expect(first.standardError.contains("again in 10 min"))
            let second = try await installation.teamsToken("login", "7")
            #expect(second.exitCode == 75)
            #expect(
                second.firstErrorLine.contains(
                    "Microsoft asked this application not to call before"))
            #expect(sandbox.requests.count == 1)
        }
    }

    // MARK: The database first

    @Test(arguments: [
        (
            "CREATE TRIGGER closed BEFORE INSERT ON oauth_tokens BEGIN SELECT RAISE(ABORT, 'closed'); END",
            "closed"
        ),
        ("ALTER TABLE oauth_tokens ADD COLUMN realm TEXT NOT NULL DEFAULT (NULL)", "NOT NULL"),
        ("UPDATE maintain_teams_meta SET value = 99 WHERE key = 'version'", "version 99"),
    ])
    func `nobody is sent to a page for what could not be stored`(
        sql: String, words: String
    ) async throws {
        try await withSignIn { sandbox, installation in
            _ = try await installation.program("maintain-teams").run()
            try installation.execute(sql)
            let result = try await installation.teamsToken("login", "7")
            #expect(result.exitCode == 74)
            #expect(result.standardOutput == "")
            #expect(result.standardError.contains(words))
            #expect(sandbox.requests.isEmpty)
        }
    }

    @Test func `a user whom the table would make another is refused`() async throws {
        try await withSignIn { sandbox, installation in
            let result = try await installation.teamsToken("login", "007")
            #expect(result.exitCode == 64)
            #expect(
                result.firstErrorLine
                    == "teams-token: USAGE (64): the table can't hold user 007: the type of its column user_id makes 7 of it"
            )
            #expect(sandbox.requests.isEmpty)
        }
    }

    @Test func `a database that stays locked when the tokens come says what is lost`() async throws
    {
        try await withSignIn { sandbox, original in
            var installation = original
            installation.environment["TEAMS_MAX_DURATION"] = "1s"
            sandbox.hold()
            let running = try installation.program("teams-token").start(["login", "7"])
            await sandbox.waitForRequests(atLeast: 1)
            let lock = DatabaseLock()
            try lock.take(installation.databasePath)
            sandbox.release()
            let result = await running.ended()
            lock.release()
            #expect(result.exitCode == 74)
            #expect(!result.standardOutput.contains("connected"))
            #expect(result.standardError.contains("the user signed in, and it could not be stored"))
            #expect(result.standardError.contains("run `teams-token login 7` again"))
            #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(0))
        }
    }

    @Test func `without a client it can't begin`() async throws {
        let installation = try await Installation.initialized()
        let result = try await installation.teamsToken("login", "7")
        #expect(result.exitCode == 78)
    }

    // MARK: The terminal

    @Test func `a countdown runs in place and goes away`() async throws {
        try await withSignIn(
            DeviceLogin(user: "anna", pendingPolls: 1, interval: 1, expiresIn: 900)
        ) {
            _, installation in
            var program = installation.program("teams-token")
            program.error = .terminal(columns: 80)
            let result = try await program.run("login", "7")
            #expect(result.exitCode == 0)
            #expect(result.standardError.contains("\r\u{1B}[Kwaiting; the code expires in 15:00"))
            #expect(result.standardError.contains("\r\u{1B}[Kwaiting; the code expires in 14:5"))
            #expect(result.standardError.hasSuffix("\r\u{1B}[K"))
            #expect(!result.standardError.contains("\n"))
        }
    }

    @Test(arguments: [SIGINT, SIGTERM], [true, false])
    func `a signal leaves nothing behind`(signal: Int32, isWaiting: Bool) async throws {
        try await withSignIn(
            DeviceLogin(user: "anna", pendingPolls: 0, interval: isWaiting ? 60 : 1)
        ) {
            sandbox, installation in
            if !isWaiting { sandbox.hold() }
            var program = installation.program("teams-token")
            program.error = .terminal(columns: 80)
            let running = try program.start(["login", "7"])
            await sandbox.waitForRequests(atLeast: 1)
            running.send(signal)
            let result = await running.ended()
            sandbox.release()
            #expect(result.signal == signal)
            let last =
                "teams-token: INTERRUPTED (\(128 + signal)): stopped by a signal; nothing was stored\n"
            #expect(result.standardError.hasSuffix(last))
            let rest = result.standardError.dropLast(last.count)
            #expect(rest.isEmpty || rest.hasSuffix("\r\u{1B}[K"))
            for table in ["oauth_tokens", "maintain_teams_accounts", "maintain_teams_connections"] {
                #expect(try installation.value("SELECT count(*) FROM \(table)") == .integer(0))
            }
        }
    }

    @Test func `no secret is printed, whatever happens`() async throws {
        try await withSignIn { sandbox, installation in
            let faults: [Fault?] = [
                nil, Fault(.refused("invalid_grant", codes: [50034])), Fault(.withoutRefreshToken),
                Fault(.html(status: 403)),
            ]
            for fault in faults {
                sandbox.script(
                    user: "anna",
                    faults: [fault].compactMap(\.self).map { Fault($0.effect, count: 1) })
                let result = try await installation.teamsToken("login", "7", "--json")
                for text in [result.standardOutput, result.standardError] {
                    #expect(!text.contains("sandbox-dc."))
                    #expect(!text.contains("sandbox-secret"))
                    #expect(!text.contains(Sandbox.refreshToken(user: "anna").prefix(40)))
                    #expect(!text.contains("eyJ"))
                }
            }
        }
    }
}
