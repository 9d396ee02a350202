/// One test for each row of the table of exit statuses: streams, document and code of the built program.

import Foundation
import SandboxKit
import TestSupport
import Testing
import TokenCore

struct ExitStatusTests {
    @Test func `0, what is due is refreshed and nothing is said`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            try world.enrol(4...5, expiresIn: 7200)
            let result = try await world.program.run()
            #expect(result.exitCode == 0)
            #expect(result.standardOutput == "")
            #expect(result.standardError == "")
            let generations = try (1...5).map { try world.generation($0) }
            #expect(generations == [1, 1, 1, 0, 0])
            let again = try await world.program.run()
            #expect(again.exitCode == 0)
            #expect(world.sandbox.counts.token == 3)
        }
    }

    @Test func `10, one dead connection is one line with user, reason and remedy`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...10)
            world.refuse(7, "invalid_grant", suberror: "bad_token", codes: [50173])
            let result = try await world.program.run()
            #expect(result.exitCode == 10)
            #expect(result.standardOutput == "")
            #expect(
                result.errorLines == [
                    "maintain-teams: REAUTH (10): user 7 must sign in again: "
                        + "the sign-in was revoked by the user or an admin (AADSTS50173); "
                        + "let user 7 sign in to the application again; the next pass goes on by itself"
                ])
            let (document, second) = try await world.document()
            #expect(second.exitCode == 10)
            #expect(
                document.present == [
                    "connections": 10, "fresh": 9, "due": 1, "reauth_required": 1, "at_risk": 1,
                ])
            #expect(world.sandbox.counts.token == 10)
        }
    }

    @Test func `11, another pass holds the lock and is named`() async throws {
        try await PassWorld.run { world in
            let path = FileLock.path(forDatabase: world.database.path)
            let status = try FileStatus(path: world.database.path)
            guard
                case .acquired(let lock) = try FileLock.acquire(
                    path, like: status, holder: "pid 4711 since noon")
            else {
                Issue.record("the lock was taken")
                return
            }
            let (document, result) = try await world.document()
            lock.release()
            #expect(result.exitCode == 11)
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: BUSY (11): ") == true)
            #expect(result.standardError.contains("pid 4711 since noon"))
            #expect(document.result == "busy")
            #expect(document.counts == nil)
        }
    }

    @Test func `a dead process is not blamed for a lock that another one holds`() async throws {
        try await PassWorld.run { world in
            let path = FileLock.path(forDatabase: world.database.path)
            let gone = try ChildProcess(["/bin/true"])
            gone.wait()
            let words = "maintain-teams, pid \(gone.id), since noon, run x"
            let status = try FileStatus(path: world.database.path)
            let acquisition = try FileLock.acquire(path, like: status, holder: words)
            for (holder, former) in [
                (words, "; the last one that did, \(words), does not run here"), ("", ""),
            ] {
                try world.database.directory.write(
                    holder, to: "teams.sqlite3.maintain-teams.lock")
                let result = try await world.program.run()
                #expect(result.exitCode == 11)
                #expect(
                    result.standardError.hasPrefix(
                        """
                        maintain-teams: BUSY (11): a process that did not write its name holds the lock\(former)
                          hint: see who it is with `fuser -v \(path)`
                        """), "\(result)")
            }
            if case .acquired(let lock) = acquisition { lock.release() }
        }
    }

    @Test func `12, a person is needed and something else may succeed later`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            world.refuse(1, "invalid_grant", suberror: "bad_token", codes: [50173])
            try world.database.session().execute(
                "UPDATE oauth_tokens SET expires_at = '0000-00-00 00:00:00' WHERE user_id = 2")
            let (document, result) = try await world.document()
            #expect(result.exitCode == 12)
            #expect(document.result == "reauth+transient")
            #expect(document.present?["malformed"] == 1)
            #expect(document.present?["refreshed"] == 1)
            #expect(
                result.errorLines.first?.hasPrefix("maintain-teams: REAUTH+TRANSIENT (12): ")
                    == true)
            #expect(result.errorLines.count == 3)
        }
    }

    @Test(
        arguments: [
            (["--frobnicate"], "Unknown option"), (["--force"], "--user"),
            (["--concurrency", "0"], "--concurrency"),
            (["--user", "77"], "no connection of user 77"),
            (["--user", "11"], "did you mean 1"), (["--report", "sometimes"], "--report"),
        ])
    func `64, bad arguments say what is wrong`(_ arguments: [String], _ words: String) async throws
    {
        try await PassWorld.run { world in
            try world.enrol(1...1)
            let result = try await world.program.run(["--json"] + arguments)
            let document = try Document(result.standardOutput)
            #expect(result.exitCode == 64)
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: USAGE (64): ") == true)
            #expect(result.standardError.contains(words))
            #expect(document.exitCode == 64)
            #expect(world.sandbox.counts.received == 0)
        }
    }

    @Test(arguments: ["missing", "no database", "no table", "column", "newer"])
    func `74, a database that can't be used`(_ fault: String) async throws {
        try await PassWorld.run { world in
            var program = world.program
            let session = try world.database.session()
            switch fault {
            case "missing":
                program.environment["TEAMS_DATABASE"] = world.database.directory.file("no")
            case "no database":
                try world.database.directory.write("what is this, a database?", to: "text")
                program.environment["TEAMS_DATABASE"] = world.database.directory.file("text")
            case "no table": try session.execute("DROP TABLE oauth_tokens")
            case "column": try session.execute("ALTER TABLE oauth_tokens DROP COLUMN refresh_token")
            default:
                try session.execute(
                    "CREATE TABLE maintain_teams_meta (key TEXT PRIMARY KEY, value); INSERT INTO maintain_teams_meta VALUES ('version', 99)"
                )
            }
            let result = try await program.run("--json")
            #expect(result.exitCode == 74)
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: DATABASE (74): ") == true)
            let document = try Document(result.standardOutput)
            #expect(document.result == "database")
            #expect(document.counts == nil)
        }
    }

    @Test func `75, what the time budget left out is deferred and comes first next time`()
        async throws
    {
        var configuration = SandboxConfiguration()
        configuration.latency = .milliseconds(700)
        try await PassWorld.run(configuration) { world in
            try world.enrol(1...8)
            let (document, result) = try await world.document(
                "--max-duration", "1s", "--concurrency", "2")
            #expect(result.exitCode == 75)
            #expect(document.result == "transient")
            let counts = try #require(document.counts)
            #expect(counts["deferred", default: 0] > 0)
            #expect(counts["refreshed", default: 0] + counts["deferred", default: 0] == 8)
            #expect(result.standardError.contains("time budget"))
        }
    }

    @Test func `77, a config file with a secret that the world can read, and the chmod for it`()
        async throws
    {
        try await PassWorld.run { world in
            try world.database.directory.write("TEAMS_CLIENT_SECRET=abc\n", to: "config.env")
            let path = world.database.directory.file("config.env")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            // The directory must be open too: a closed one shelters the file.
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: world.database.directory.path)
            var program = world.program
            program.environment["TEAMS_CLIENT_SECRET"] = nil
            let result = try await program.run("--config", path)
            #expect(result.exitCode == 77)
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: PERMISSION (77): ") == true)
            #expect(
                result.standardError.contains("chmod 0640 \(path)")
                    || result.standardError.contains("chmod 0600 \(path)"))
            #expect(world.sandbox.counts.received == 0)
        }
    }

    @Test func `77, a database that the world can write`() async throws {
        try await PassWorld.run { world in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o666], ofItemAtPath: world.database.path)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: world.database.directory.path)
            let result = try await world.program.run()
            #expect(result.exitCode == 77)
            #expect(result.standardError.contains("chmod 0660 \(world.database.path)"))
        }
    }

    @Test func `78, all that is wrong with the configuration at once`() async throws {
        try await PassWorld.run { world in
            try world.database.directory.write(
                "TEAMS_CLIENT_ID=your-client-id\nTEAMS_CLUOD=global\nTEAMS_CONCURRENCY=many\n",
                to: "config.env")
            let path = world.database.directory.file("config.env")
            var program = world.program
            program.environment["TEAMS_CLIENT_ID"] = nil
            let result = try await program.run("--config", path)
            #expect(result.exitCode == 78)
            #expect(result.standardError.contains("\(path):1: TEAMS_CLIENT_ID"))
            #expect(result.standardError.contains("\(path):2: TEAMS_CLUOD"))
            #expect(result.standardError.contains("TEAMS_CLOUD"))
            #expect(result.standardError.contains("\(path):3: TEAMS_CONCURRENCY"))
            #expect(result.errorLines.first?.hasPrefix("maintain-teams: CONFIG (78): ") == true)
        }
    }

    @Test func `78, a wrong client secret costs a handful of requests and marks nobody`()
        async throws
    {
        try await PassWorld.run { world in
            try world.enrol(1...60)
            var program = world.program
            program.environment["TEAMS_CLIENT_SECRET"] = "wrong-secret"
            let result = try await program.run("--json")
            let document = try Document(result.standardOutput)
            #expect(result.exitCode == 78)
            #expect(world.sandbox.counts.token <= 3)
            #expect(document.counts?["not_attempted"] == 57)
            #expect(document.counts?["configuration"] == 3)
            #expect(document.problems.count == 1)
            #expect(document.problems.first?["who"] as? String == "application_owner")
            #expect(
                try world.database.value("SELECT count(*) FROM maintain_teams_connections") == "0")
            #expect(result.standardError.contains("AADSTS7000215"))
        }
    }

    @Test func `78, a secret that expires in the middle of a pass condemns nobody`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...15)
            for user in 2...15 {
                world.sandbox.script(
                    user: String(user),
                    faults: [Fault(.refused("invalid_client", codes: [7_000_222], status: 401))])
            }
            let (document, result) = try await world.document("--concurrency", "4")
            #expect(result.exitCode == 78)
            #expect(document.present?["refreshed"] == 1)
            #expect(document.present?["consent_required"] == nil)
            #expect(world.sandbox.counts.token <= 8)
            let marked =
                "SELECT count(*) FROM maintain_teams_connections WHERE verdict <> 'refreshed'"
            #expect(try world.database.value(marked) == "0")
            // The secret is mended: all go on by themselves.
            world.sandbox.clearFaults()
            let (mended, second) = try await world.document()
            #expect(second.exitCode == 0)
            #expect(mended.present?["refreshed"] == 14)
        }
    }

    @Test func `78, a secret that expires at the end of a pass condemns nobody`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...30)
            let expired = Fault(.refused("invalid_client", codes: [7_000_222], status: 401))
            let revoked = Fault(.refused("invalid_grant", codes: [70_000]), count: 1)
            world.sandbox.script(user: "29", faults: [expired])
            world.sandbox.script(user: "30", faults: [revoked, expired])
            let (document, result) = try await world.document()
            #expect(result.exitCode == 78)
            #expect(document.present?["refreshed"] == 28)
            #expect(document.present?["configuration"] == 1)
            #expect(document.present?["transient"] == 1)
            #expect(
                document.problems.first { $0["user_id"] == nil || $0["user_id"] is NSNull }?["who"]
                    as? String == "application_owner")
            let marked =
                "SELECT count(*) FROM maintain_teams_connections WHERE verdict LIKE '%required'"
            #expect(try world.database.value(marked) == "0")
            // The secret is mended: all go on by themselves.
            world.sandbox.clearFaults()
            let (mended, second) = try await world.document()
            #expect(second.exitCode == 0)
            #expect(mended.present?["refreshed"] == 2)
        }
    }

    @Test func `one user whom the application is refused for is one user`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...8)
            world.refuse(3, "unauthorized_client", codes: [700_016])
            let (document, result) = try await world.document()
            #expect(result.exitCode == 10)
            #expect(document.present?["consent_required"] == 1)
            #expect(document.present?["refreshed"] == 7)
            #expect(document.problems.first?["who"] as? String == "tenant_admin")
        }
    }

    @Test func `a pause that is being waited for outlives a signal`() async throws {
        try await PassWorld.run { world in
            try world.enrol(1...3)
            world.sandbox.script(
                user: "*", faults: [Fault(.status(429, retryAfter: .seconds(25)), count: 1)])
            let running = try world.program.start(["--json", "-vv"])
            await world.sandbox.waitForRequests(atLeast: 1)
            let pause = "SELECT count(*) FROM maintain_teams_clients"
            running.send(SIGTERM)
            let result = await running.ended()
            #expect(result.signal == SIGTERM)
            // Whether the answer came before the signal or after it, the pause is known.
            #expect(try world.database.value(pause) == "1")
            let (next, second) = try await world.document()
            #expect(second.exitCode == 75)
            #expect(next.present?["backing_off"] == 3)
            #expect(world.sandbox.counts.token == 1)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal lets what is in flight be stored, then the program dies by it`(_ number: Int32)
        async throws
    {
        try await PassWorld.run { world in
            try world.enrol(1...40)
            world.sandbox.hold()
            let running = try world.program.start(["--json", "--concurrency", "4"])
            await world.sandbox.waitForRequests(atLeast: 1)
            running.send(number)
            // The signal is noted long before an answer can be: it has a thread of its own.
            while running.hasPending(number) { await Task.yield() }
            world.sandbox.release()
            let result = await running.ended()
            #expect(result.signal == number)
            let document = try Document(result.standardOutput)
            #expect(document.result == "interrupted")
            #expect(document.exitCode == Int(128 + number))
            let refreshed = try #require(document.counts?["refreshed"])
            #expect(refreshed == world.sandbox.counts.token)
            #expect(refreshed < 40)
            let stored = try (1...40).filter { try world.generation($0) == 1 }
            #expect(stored.count == refreshed)
        }
    }
}
