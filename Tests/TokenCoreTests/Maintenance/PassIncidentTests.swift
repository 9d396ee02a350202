/// Many healthy connections refused at once: one incident, and nobody is marked before an hour.

import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import TokenCore

struct PassIncidentTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    /// Connections that were refreshed successfully before and are due again.
    private func enrolProven(_ count: Int) async throws {
        try fixture.enrolDue(1...count)
        try await fixture.run(.microsoft())
        fixture.clock.advance(by: .seconds(3000))
    }

    private var condemned: String? {
        get throws {
            try database.value(
                "SELECT count(*) FROM maintain_teams_connections WHERE verdict LIKE '%required'")
        }
    }

    private let incidentSince = "SELECT value FROM maintain_teams_meta WHERE key = 'incident_since'"

    private static let unknownInTenant = ScriptedHTTPClient.Answer.refused(
        "unauthorized_client", 700_016)

    private func refusing(_ users: ClosedRange<Int>) -> ScriptedHTTPClient {
        .microsoft { $0.user.map(users.contains) == true ? .badToken : nil }
    }

    @Test func `an incident marks nobody until a pass an hour later sees it too`() async throws {
        try await enrolProven(50)
        let first = try await fixture.run(refusing(1...25))
        #expect(first.counts.transient == 25)
        #expect(first.counts.reauthRequired == 0)
        #expect(first.problems.map(\.cause) == [.incident])
        #expect(ExitStatus(first) == .transient)
        #expect(
            try database.value("SELECT count(*) FROM maintain_teams_connections WHERE failures > 0")
                == "0")

        fixture.clock.advance(by: .seconds(900))
        let soon = try await fixture.run(refusing(1...25))
        #expect(soon.counts.transient == 25)
        #expect(soon.problems.first?.since == first.problems.first?.since)

        fixture.clock.advance(by: .seconds(2701))
        let later = try await fixture.run(refusing(1...25))
        #expect(later.counts.reauthRequired == 25)
        #expect(!later.problems.contains { $0.cause == .incident })
    }

    @Test func `an incident that ends leaves no trace`() async throws {
        try await enrolProven(50)
        try await fixture.run(refusing(1...25))
        fixture.clock.advance(by: .seconds(900))
        let calm = try await fixture.run(.microsoft())
        #expect(calm.counts.refreshed == 25)
        fixture.clock.advance(by: .seconds(3600))
        let next = try await fixture.run(refusing(1...25))
        #expect(next.counts.transient == 25)
        #expect(next.problems.map(\.cause) == [.incident])
    }

    @Test(arguments: [(50, 19, 19), (120, 24, 24), (120, 25, 0), (20, 20, 0)])
    func `an incident is more than a fifth and at least twenty`(
        proven: Int, refused: Int, marked: Int
    ) async throws {
        try await enrolProven(proven)
        let report = try await fixture.run(refusing(1...refused))
        #expect(report.counts.reauthRequired == marked)
        #expect(report.counts.transient == refused - marked)
    }

    @Test func `connections that never worked are no incident`() async throws {
        try fixture.enrolDue(1...50)
        let report = try await fixture.run(refusing(1...50))
        #expect(report.counts.reauthRequired == 50)
    }

    @Test func `an incident marks nobody, whether they worked before or not`() async throws {
        try await enrolProven(50)
        try fixture.enrolDue(51...60)
        let report = try await fixture.run(refusing(1...60))
        #expect(report.counts.transient == 60)
        #expect(report.counts.reauthRequired == 0)
        #expect(try condemned == "0")
    }

    @Test func `tenants that refuse many who worked before are an incident too`() async throws {
        try await enrolProven(100)
        let report = try await fixture.run(
            .microsoft { ($0.user ?? 0) > 60 ? Self.unknownInTenant : nil })
        #expect(report.counts.transient == 40)
        #expect(report.problems.map(\.cause) == [.incident])
        #expect(try condemned == "0")
    }

    @Test func `a service that changes its mind about many is an incident`() async throws {
        try await enrolProven(100)
        let asked = Counts()
        let report = try await fixture.run(
            .microsoft { request in
                guard let user = request.user, user > 70 else { return nil }
                // Ten of them meet the error twice.
                return asked.next(user) == 1 || user > 90 ? Self.unknownInTenant : nil
            })
        #expect(report.counts.refreshed == 90)
        #expect(report.counts.transient == 10)
        #expect(report.counts.consentRequired == 0)
        #expect(report.problems.map(\.cause) == [.incident])
        // Where all were refreshed in the end there is nothing to tell.
        fixture.clock.advance(by: .seconds(3000))
        try database.session().query("DELETE FROM maintain_teams_meta WHERE key LIKE 'incident%'")
        let again = Counts()
        let healed = try await fixture.run(
            .microsoft { again.next($0.user ?? 0) == 1 ? Self.unknownInTenant : nil })
        #expect(healed.problems.map(\.cause).contains(.incident) == false)
    }

    @Test func `while an incident stands a named user is not marked either`() async throws {
        try await enrolProven(50)
        try await fixture.run(refusing(1...25))
        var options = PassFixture.Options()
        options.users = ["3"]
        options.force = true
        let named = try await fixture.run(refusing(1...25), options)
        #expect(named.counts.transient == 1)
        #expect(named.problems.map(\.cause) == [.incident])
        #expect(
            named.problems.first?.refusal.message.contains(
                "many connections that worked before were refused at once") == true)
        #expect(ExitStatus(named) == .transient)
        #expect(try condemned == "0")
        // A named user who is well says nothing about the others.
        options.users = ["40"]
        #expect(try await fixture.run(refusing(1...25), options).problems.isEmpty)
        // An hour on the verdict counts.
        fixture.clock.advance(by: .seconds(3601))
        options.users = ["3"]
        #expect(try await fixture.run(refusing(1...25), options).counts.reauthRequired == 1)
    }

    @Test func `nobody's answer ends an incident only when there are enough`() async throws {
        try await enrolProven(100)
        let first = try await fixture.run(refusing(1...40))
        let since = try database.value(incidentSince)
        fixture.clock.advance(by: .seconds(900))
        let dead = try await fixture.run(.microsoft { _ in .text(503, "") })
        #expect(try database.value(incidentSince) == since)
        #expect(dead.changes.isEmpty)
        #expect(dead.problems.first { $0.cause == .incident }?.since == first.problems[0].since)
        fixture.clock.advance(by: .seconds(900))
        let again = try await fixture.run(refusing(1...40))
        #expect(again.changes.isEmpty)
        #expect(again.problems.map(\.since) == first.problems.map(\.since))
        fixture.clock.advance(by: .seconds(900))
        let well = try await fixture.run(.microsoft())
        #expect(well.changes.map(\.kind) == [.ended])
        #expect(try database.value("SELECT count(*) FROM (\(incidentSince))") == "0")
    }

    @Test func `a few refusals while an incident stands are a part of it`() async throws {
        try await enrolProven(50)
        try await fixture.run(refusing(1...25))
        fixture.clock.advance(by: .seconds(900))
        // Most get no answer now; two are refused once more.
        let report = try await fixture.run(
            .microsoft { ($0.user ?? 0) <= 2 ? .badToken : .text(503, "") })
        #expect(report.counts.reauthRequired == 0)
        #expect(report.problems.contains { $0.cause == .incident })
        #expect(try condemned == "0")
    }

    @Test func `connections that were not tried don't hide an incident`() async throws {
        try await enrolProven(150)
        var options = PassFixture.Options()
        options.concurrency = 1
        options.deadline = .seconds(30)
        let clock = fixture.clock
        let report = try await fixture.run(
            .microsoft { _ in
                clock.advance(by: .seconds(1))
                return .badToken
            }, options)
        #expect(report.counts.deferred > 100)
        #expect(report.counts.reauthRequired == 0)
        #expect(report.problems.contains { $0.cause == .incident })
    }
}

/// How often each user was asked about.
private final class Counts: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func next(_ user: Int) -> Int {
        counts.withLock {
            $0[user, default: 0] += 1
            return $0[user, default: 0]
        }
    }
}
