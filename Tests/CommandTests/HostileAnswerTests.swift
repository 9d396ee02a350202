/// Every kind of answer that a token endpoint can give, in whole passes of the built program: verdict,
/// count, exit status, row, and healthy neighbours that are refreshed whatever happens (G5, G8, G9).

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct HostileAnswerTests {
    @Test(arguments: HostileAnswer.groups)
    func `each answer has its verdict and stops nobody else`(
        _ group: HostileAnswer.Group
    ) async throws {
        // User 1 is well, user 2 gets the first answer, user 3 is well, …
        let users = group.answers.indices.map { 2 * $0 + 2 }
        let last = 2 * group.answers.count + 1
        var world = try HostileWorld(
            Dictionary(uniqueKeysWithValues: zip(users, group.answers.map(\.deliveries))))
        if group.description == "slow and endless" {
            world.environment["TEAMS_REQUEST_TIMEOUT"] = "2s"
        }
        try world.enrol(1...last)
        let before = Date()
        let (document, result) = try await world.document()

        for (user, answer) in zip(users, group.answers) {
            try check(answer, of: user, world, document, since: before)
        }
        for user in stride(from: 1, through: last, by: 2) {
            #expect(try world.database.row(user)?.refreshToken == "\(user).1")
        }
        try checkCounts(group, of: last, document, result)
        // Counted by our own clock, whatever the server's says.
        for user in 1...last where try world.database.row(user)?.accessToken == "access-\(user).1" {
            let expiry = try #require(try world.database.row(user)?.expiresAt)
            let earliest = ApplicationDatabase.text(before + 3598)
            #expect((earliest...ApplicationDatabase.text(before + 3660)).contains(expiry))
        }
        let isSkewed = group.answers.contains { $0.name.contains("clock") }
        #expect(document.warnings.contains { $0.contains("clock") } == isSkewed)
        #expect(result.standardError.hasPrefix(result.exitCode == 0 ? "" : "maintain-teams: "))
        #expect((result.standardOutput + result.standardError).commands.isEmpty)
        #expect(!(result.standardOutput + result.standardError).contains("CANARY"))
        #expect(try world.database.value("PRAGMA integrity_check") == "ok")
    }

    private func check(
        _ answer: HostileAnswer, of user: Int, _ world: HostileWorld, _ document: Document,
        since: Date
    ) throws {
        let comment = Comment(rawValue: answer.name)
        #expect(answer.requests.contains(world.requests(of: user)), comment)
        let row = try #require(try world.database.row(user))
        #expect(row.refreshToken == "\(user).\(answer.stored)", comment)
        let access = answer.verdict == "refreshed" ? "access-\(user).1" : "access-\(user).0"
        #expect(row.accessToken == access, comment)

        let problems = document.problems.filter { $0["user_id"] as? Int == user }
        #expect(problems.count == (answer.who == nil ? 0 : 1), comment)
        if let who = answer.who {
            #expect(problems.first?["verdict"] as? String == answer.verdict, comment)
            #expect(who.contains(problems.first?["who"] as? String ?? "nobody"), comment)
            #expect((problems.first?["remedy"] as? String)?.isEmpty == false, comment)
        }
        let memory = try #require(try world.memory(of: user, since: since), comment)
        #expect(memory.verdict == answer.verdict, comment)
        // Never again, in a day, or whenever a pass comes.
        let expected: ClosedRange<Double>? =
            switch answer.verdict {
            case "reauth_required" where answer.requests == 1...1: 1e18...Double.infinity
            case "reauth_required", "consent_required", "rejected": 86_399...86_700
            case "throttled": 59...360
            default: nil
            }
        if let expected {
            #expect(expected.contains(memory.nextAttempt ?? -1), comment)
        } else {
            #expect(memory.nextAttempt == nil, comment)
        }
    }

    private func checkCounts(
        _ group: HostileAnswer.Group, of due: Int, _ document: Document, _ result: ProgramResult
    ) throws {
        var counts = Dictionary(group.answers.map { ($0.verdict, 1) }, uniquingKeysWith: +)
        counts["refreshed", default: 0] += group.answers.count + 1
        let all = try #require(document.counts)
        for (name, count) in counts { #expect(all[name] == count, Comment(rawValue: name)) }
        #expect(all["due"] == due)
        #expect(all["connections"] == due)
        #expect(counts.values.reduce(0, +) == due)
        let needsPerson = counts["reauth_required"] != nil || counts["consent_required"] != nil
        let mayPass = ["transient", "throttled", "rejected"].contains { counts[$0] != nil }
        let code = needsPerson ? (mayPass ? 12 : 10) : (mayPass ? 75 : 0)
        #expect(document.exitCode == code)
        #expect(result.exitCode == Int32(code))
    }
}
