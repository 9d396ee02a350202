/// kill -9 at many moments of a pass, against a server for which a used refresh token is dead (G4). The
/// moments are drawn from a seed; KILLS=200 makes a long run of it and prints what was lost where.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct KillLoopTests {
    static let kills = ProcessInfo.processInfo.environment["KILLS"].flatMap { Int($0) } ?? 9
    static let users = 1...200

    @Test(.timeLimit(.minutes(60)))
    func `what the program had read survives every death`() async throws {
        try await PassWorld.strict { world in
            try world.database.session().execute("PRAGMA journal_mode = WAL")
            try world.enrol(Self.users)
            var random = SeededRandom(seed: 20_261_122)
            var (sums, answers, spooled): ([KilledPass.Loss: [Int]], Int, Int) = ([:], 0, 0)
            for number in 0..<Self.kills {
                try world.makeAllDue()
                world.sandbox.resetRequests()
                let killed = try await kill(number, world, &random)
                answers += killed.read
                spooled += killed.spooled
                for loss in KilledPass.Loss.allCases {
                    sums[loss, default: []].append(killed.count(loss))
                }
                #expect(killed.count(.inHand) <= 1, "kill \(number)")
                try world.expectOldOrNewPairs(Self.users)
                // Nothing but signing in again helps those; their old tokens must not be sent.
                for user in killed.losses.keys { try world.signInAgain(user) }
                if number % 25 == 24 { report(number + 1, answers, spooled, sums) }
            }
            try await world.expectEverybodyIsWell(Self.users)
        }
    }

    /// What a long run came to so far.
    private func report(
        _ kills: Int, _ answers: Int, _ spooled: Int, _ sums: [KilledPass.Loss: [Int]]
    ) {
        print("\(kills) kills, \(answers) answers read whole, \(spooled) of them in the spool only")
        for loss in KilledPass.Loss.allCases {
            let counts = sums[loss, default: []].sorted()
            print(
                "  lost \(loss.rawValue): \(counts.reduce(0, +)), per kill median "
                    + "\(counts[counts.count / 2]), most \(counts.last ?? 0)")
        }
    }

    /// One pass and its death: in full flow; while the application holds the database, so that
    /// answers pile up in the spool; or when many answers arrive at once.
    private func kill(
        _ number: Int, _ world: PassWorld, _ random: inout SeededRandom
    ) async throws -> KilledPass {
        let width = [4, 16, 64][number % 3]
        let moment = Int.random(in: 1...Self.users.upperBound, using: &random)
        let lock = DatabaseLock()
        defer { lock.release() }
        let burst = number / 3 % 3 == 2
        if burst { world.sandbox.hold(from: moment) }
        let running = try world.program.start(["--concurrency", String(width)])
        // What the pass finds in the spool it need not ask for, so the moment may never come.
        while world.sandbox.counts.received < moment, !running.hasEnded { await Task.yield() }
        if number / 3 % 3 == 1 {
            try lock.take(world.database.path)
            let answered = Int.random(in: 0...width, using: &random)
            let enough = min(moment + answered, Self.users.upperBound)
            // The commits stand still, so no more than what is in flight now can be answered.
            while world.sandbox.counts.received < enough, world.sandbox.inFlight > 0 {
                await Task.yield()
            }
        }
        world.sandbox.release()
        return try await KilledPass(running, world, users: Self.users)
    }
}

extension PassWorld {
    fileprivate func makeAllDue() throws {
        let due = ApplicationDatabase.text(Date(timeIntervalSinceNow: 600))
        try database.session().query("UPDATE oauth_tokens SET expires_at = ?1", due)
    }

    fileprivate func signInAgain(_ user: Int) throws {
        let generation = sandbox.generation(of: String(user))
        try database.session().query(
            "UPDATE oauth_tokens SET access_token = ?1, refresh_token = ?2 WHERE user_id = ?3",
            Sandbox.accessToken(
                user: String(user), generation: generation,
                expiresAt: Date(timeIntervalSinceNow: 600)),
            Sandbox.refreshToken(user: String(user), generation: generation), String(user))
    }

    /// G4: the file is sound, and no row holds tokens of two generations.
    fileprivate func expectOldOrNewPairs(_ users: ClosedRange<Int>) throws {
        #expect(try database.value("PRAGMA integrity_check") == "ok")
        let rows = try database.session().query(
            "SELECT user_id, access_token, refresh_token FROM oauth_tokens")
        #expect(rows.count == users.count)
        for row in rows {
            let refresh = row[2].flatMap { Sandbox.readRefreshToken($0) }
            #expect(refresh?.user == row[0])
            #expect(row[1].flatMap { Sandbox.generationOfAccessToken($0) } == refresh?.generation)
            #expect(row[1].flatMap { Sandbox.userOfAccessToken($0) } == row[0])
        }
    }

    /// An undisturbed pass leaves each row with the newest tokens, and nobody has been condemned.
    fileprivate func expectEverybodyIsWell(_ users: ClosedRange<Int>) async throws {
        try makeAllDue()
        sandbox.resetRequests()
        let (document, result) = try await document()
        #expect(result.exitCode == 0, "\(result.standardError)")
        let stored = document.warnings.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        #expect(document.present?["refreshed"] == users.count - stored)
        #expect(sandbox.counts.byStatus == [200: users.count - stored])
        #expect(try behind(users) == [])
        try expectOldOrNewPairs(users)
        let condemned =
            "SELECT count(*) FROM maintain_teams_connections WHERE verdict <> 'refreshed'"
        #expect(try database.value(condemned) == "0")
        #expect(!database.directory.exists(spoolName))
    }
}
