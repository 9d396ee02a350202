import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct DeadlinesTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    private func deadlines() async throws -> TokenStore.Deadlines {
        try await fixture.store().deadlines(at: fixture.now)
    }

    @Test func `an empty table has none`() async throws {
        #expect(try await deadlines() == TokenStore.Deadlines())
    }

    @Test(arguments: [-90_000, -1, 0, 600, 3600, 90_000, 3_000_000])
    func `the soonest expiry is found, near or far`(seconds: Int) async throws {
        try database.enrol(1...3, expiresAt: fixture.now + 4_000_000)
        try database.enrol(7, expiresAt: fixture.now + Double(seconds))
        #expect(try await deadlines().earliestExpiry == fixture.now + Double(seconds))
    }

    @Test(arguments: [
        "'2026-11-22 12:30:00'", "'2026-11-22T12:30:00Z'", "'2026-11-22T14:30:00+02:00'",
        "'2026-11-22T04:30:00.000-08:00'", "1795350600", "1795350600000", "'1795350600'",
    ])
    func `whatever its form`(value: String) async throws {
        try database.enrol(1...300, expiresAt: fixture.now + 3600)
        try database.enrol(7000, expiresAt: fixture.now)
        try database.session().execute(
            "UPDATE oauth_tokens SET expires_at = \(value) WHERE user_id = 7000")
        #expect(try await deadlines().earliestExpiry == fixture.now + 1800)
    }

    @Test func `connections that need a person, and broken rows, have no deadline`() async throws {
        try fixture.enrolDue(1...600)
        try await fixture.run(.microsoft { ($0.user ?? 0) < 600 ? .badToken : nil })
        try database.enrol(700, expiresAt: fixture.now, refreshToken: nil)
        try database.enrol(701, expiresAt: fixture.now)
        try database.session().execute(
            "UPDATE oauth_tokens SET expires_at = '0000-00-00 00:00:00' WHERE user_id = 701")
        let found = try await deadlines()
        #expect(found.earliestExpiry == fixture.now + 3600)
        #expect(found.oldestRefresh == fixture.now)
    }

    @Test func `the oldest refresh is that of the one longest left alone`() async throws {
        try fixture.enrolDue(1...2)
        try await fixture.run(
            .microsoft { .refreshed($0, expiresIn: $0.user == 1 ? 90_000 : 3600) })
        let first = fixture.now
        fixture.clock.advance(by: .seconds(3000))
        try await fixture.run(.microsoft())
        #expect(try await deadlines().oldestRefresh == first)
    }
}
