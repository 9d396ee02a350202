/// AADSTS70021 and its kin: a new trust reaches every data centre within minutes; what is still not
/// there after ten is the application's fault.

import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct PatienceTests {
    private let notTrusted = ScriptedHTTPClient.Answer.refused(
        "invalid_client", 70_021, status: 401)

    @Test func `a trust that does not arrive in ten minutes is the application's fault`()
        async throws
    {
        let fixture = try PassFixture()
        try fixture.enrolDue(1...5)
        let notTrusted = notTrusted
        let refusing = ScriptedHTTPClient.microsoft { _ in notTrusted }
        let first = try await fixture.run(refusing)
        #expect(first.counts.transient == 5)
        #expect(first.problems.first?.who == .applicationOwner)
        fixture.clock.advance(by: .seconds(300))
        #expect(try await fixture.run(refusing).counts.transient == 5)

        fixture.clock.advance(by: .seconds(400))
        let later = try await fixture.run(refusing)
        #expect(later.stop == .application)
        #expect(later.counts.configuration == 3)
        #expect(later.counts.notAttempted == 2)
        #expect(try await fixture.run(.microsoft()).counts.refreshed == 5)
    }

    @Test func `another reason starts anew`() async throws {
        let fixture = try PassFixture()
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .refused("temporarily_unavailable", 90_033) })
        fixture.clock.advance(by: .seconds(900))
        let notTrusted = notTrusted
        #expect(try await fixture.run(.microsoft { _ in notTrusted }).counts.transient == 1)
    }
}
