import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct CandidateSourceTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }

    init() throws { fixture = try PassFixture() }

    /// Everything that the source hands out, as `7` for an attempt, `(7)` for one that stands and
    /// `!` for a row that can't be read.
    private func all(page: Int = 3) async throws -> [String] {
        let store = try fixture.store()
        var source = CandidateSource(.due, horizon: fixture.now + 1800)
        var met = RowSet()
        var words: [String] = []
        while let candidates = try await source.next(page, from: store, at: fixture.now) {
            words += met.unmet(of: candidates).map { candidate in
                switch candidate {
                case .attempt(let connection): connection.id.userID.description
                case .standing(let connection): "(\(connection.id.userID))"
                case .malformed: "!"
                }
            }
        }
        return words
    }

    @Test func `soonest expiry comes first, over days and pages`() async throws {
        for (user, offset) in [(1, 1700.0), (2, -90_000), (3, 0), (4, 60), (5, 1801), (6, -5)] {
            try database.enrol(user, expiresAt: fixture.now + offset)
        }
        #expect(try await all(page: 2) == ["2", "6", "3", "4", "1"])
    }

    @Test func `the healthy come before the failing and these before the condemned`() async throws {
        for user in 1...6 {
            try database.enrol(user, expiresAt: fixture.now + Double(user))
        }
        try await fixture.run(
            .microsoft { request in
                switch request.user {
                case 1, 5: .noAnswer
                case 2: .signInAgain
                case 3: .badToken
                default: nil
                }
            })
        try database.enrol(7...8, expiresAt: fixture.now + 100)
        try database.session().execute(
            "UPDATE oauth_tokens SET expires_at = '0000-00-00' WHERE user_id = 8")
        // Both that need a person stand until tomorrow; one of them for ever.
        #expect(try await all() == ["!", "7", "1", "5", "(2)", "(3)"])
        fixture.clock.advance(by: .seconds(90_000))
        #expect(try await all() == ["!", "7", "4", "6", "1", "5", "2", "(3)"])
    }

    @Test func `a condemned connection comes whether due or not`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .signInAgain })
        try database.session().execute(
            "UPDATE oauth_tokens SET expires_at = '\(ApplicationDatabase.text(fixture.now + 7200))'"
        )
        #expect(try await all() == ["(1)"])
    }

    @Test func `other providers and rows without a refresh token are not candidates`() async throws
    {
        try fixture.enrolDue(1...4)
        try database.session().execute(
            """
            UPDATE oauth_tokens SET provider = 'google' WHERE user_id = 1;
            UPDATE oauth_tokens SET refresh_token = NULL WHERE user_id = 2;
            UPDATE oauth_tokens SET refresh_token = '' WHERE user_id = 3;
            """)
        #expect(try await all() == ["4"])
    }

    @Test func `a row that moves on within the horizon is not met again`() async throws {
        try database.enrol(1...10, expiresAt: fixture.now - 86_400)
        let store = try fixture.store()
        var source = CandidateSource(.due, horizon: fixture.now + 1800)
        var rows = RowSet()
        var met = 0
        while let page = try await source.next(2, from: store, at: fixture.now) {
            met += rows.unmet(of: page).count
            try database.session().execute(
                "UPDATE oauth_tokens SET expires_at = '\(ApplicationDatabase.text(fixture.now + 60))'"
            )
        }
        #expect(met == 10)
    }
}
