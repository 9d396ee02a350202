/// Many healthy connections refused at once: one incident, and nobody is marked before an hour.

import FoundationEssentials
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

    @Test func `those that never worked are marked beside an incident`() async throws {
        try await enrolProven(50)
        try fixture.enrolDue(51...60)
        let report = try await fixture.run(refusing(1...60))
        #expect(report.counts.transient == 50)
        #expect(report.counts.reauthRequired == 10)
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
