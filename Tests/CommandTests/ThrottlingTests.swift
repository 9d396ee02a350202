/// A pause that the token endpoint asked for outlives the process that was told: the next pass and
/// `teams-token` obey it, and what is over is over.

import Foundation
import TestSupport
import Testing

struct ThrottlingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let delivery: RawServer.Delivery
        /// Seconds that the client stays away.
        let pause: Double
    }

    private static let inTwoMinutes = "Retry-After: 120\r\n"
    private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    private static let deadToken =
        #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50173]}"#

    static let cases = [
        Case(testDescription: "429 alone", delivery: .http(429, "Too Many Requests"), pause: 60),
        Case(
            testDescription: "429 and seconds", delivery: .http(429, "", headers: inTwoMinutes),
            pause: 120),
        Case(
            testDescription: "429 and a date",
            delivery: .http(
                429, "", headers: date + "Retry-After: Sun, 06 Nov 1994 08:51:37 GMT\r\n"),
            pause: 120),
        Case(
            testDescription: "429 and a word",
            delivery: .http(429, "", headers: "Retry-After: soon\r\n"), pause: 60),
        Case(
            testDescription: "429 and a year",
            delivery: .http(429, "", headers: "Retry-After: 31536000\r\n"), pause: 3600),
        Case(
            testDescription: "503 and seconds", delivery: .http(503, "", headers: inTwoMinutes),
            pause: 120),
        Case(
            testDescription: "a dead token and seconds",
            delivery: .http(400, deadToken, headers: inTwoMinutes), pause: 120),
        Case(
            testDescription: "an unreadable success and seconds",
            delivery: .http(200, "<html>", headers: inTwoMinutes), pause: 120),
        Case(
            testDescription: "a loop by its code",
            delivery: .http(400, #"{"error":"invalid_grant","error_codes":[50196]}"#), pause: 300),
        Case(
            testDescription: "a loop by its description",
            delivery: .http(
                400, #"{"error":"invalid_grant","error_description":"AADSTS50196: loop"}"#),
            pause: 300),
        Case(
            testDescription: "a loop that is to be waited for",
            delivery: .http(
                400, #"{"error":"invalid_grant","error_codes":[50196]}"#,
                headers: "Retry-After: 1\r\n"), pause: 300),
    ]

    @Test(arguments: cases)
    func `a pause is obeyed by whoever comes next`(_ fault: Case) async throws {
        let world = try HostileWorld([2: [fault.delivery, HostileAnswer.success()]])
        try world.enrol(1...4)
        let start = Date()
        let (document, result) = try await world.document("--concurrency", "1")
        #expect(result.exitCode == 75)
        #expect(
            document.present?.filter { ["refreshed", "throttled", "deferred"].contains($0.key) }
                == ["refreshed": 1, "throttled": 1, "deferred": 2])
        #expect(world.server.requests.count == 2)
        let until =
            Double(
                try world.database.value("SELECT not_before FROM maintain_teams_clients") ?? "")
            ?? 0
        let pause = until - start.timeIntervalSince1970
        #expect((fault.pause...fault.pause + 20).contains(pause))

        // Another process, another program, somebody who insists: nobody calls.
        let (next, second) = try await world.document()
        #expect(second.exitCode == 75)
        #expect(next.present?["backing_off"] == 3)
        for arguments in [["refresh", "3"], ["refresh", "--all"]] {
            let result = try await ProgramRunner("teams-token", environment: world.environment)
                .run(arguments)
            #expect(result.exitCode == 75)
            #expect(result.standardError.contains("asked this application not to call before"))
        }
        let forced = try await world.document("--user", "2", "--force")
        #expect(forced.0.present?["backing_off"] == 1)
        #expect(world.server.requests.count == 2)

        // When it is over, those who were not asked go on, and the one who was told follows in time.
        try world.database.session().execute("UPDATE maintain_teams_clients SET not_before = 1")
        #expect(try await world.document().0.present?["refreshed"] == 2)
        #expect(world.requests(of: 2) == 1)
        try world.database.session().execute(
            "UPDATE maintain_teams_connections SET next_attempt_at = 1 WHERE user_id = 2")
        #expect(try await world.document().1.exitCode == 0)
        #expect(try world.database.row(2)?.refreshToken == "2.1")
    }

    @Test func `short pauses are waited for, and one user's holds nobody back for long`()
        async throws
    {
        let always = RawServer.Delivery.http(429, "", headers: "Retry-After: 1\r\n")
        let negative = RawServer.Delivery.http(429, "", headers: "Retry-After: -5\r\n")
        let world = try HostileWorld([2: [always], 4: [negative, HostileAnswer.success()]])
        try world.enrol(1...9)
        let start = ContinuousClock.now
        let (document, result) = try await world.document("--concurrency", "1")
        #expect(start.duration(to: .now) > .seconds(3))
        #expect(result.exitCode == 75)
        #expect(document.present?["refreshed"] == 8)
        #expect(document.present?["throttled"] == 1)
        #expect(document.present?["deferred"] == nil)
        #expect(world.requests(of: 2) == 3)
        #expect(world.requests(of: 4) == 2)
    }

    @Test func `another application is not held by the pause of this one`() async throws {
        var world = try HostileWorld([1: [Self.cases[1].delivery, HostileAnswer.success()]])
        try world.enrol(1...2)
        #expect(try await world.run().exitCode == 75)
        world.environment["TEAMS_CLIENT_ID"] = "other"
        let (document, result) = try await world.document()
        #expect(result.exitCode == 0)
        #expect(document.present?["refreshed"] == 2)
    }
}
