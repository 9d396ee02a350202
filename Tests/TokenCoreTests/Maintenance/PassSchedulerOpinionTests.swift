/// Whom two answers in one pass condemn, and whom they don't: a credential is nobody's verdict, and answers
/// that differ confirm nothing.

import TestSupport
import Testing

@testable import TokenCore

struct PassSchedulerOpinionTests {
    @Test(arguments: [1, 2])
    func `a credential that dies near the end is the application's`(last: Int64) {
        var world = SchedulerWorld(connections: 30) { row, _ in
            row > 30 - last ? .wrongSecret : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 30 - Int(last), "configuration": Int(last)])
        #expect(world.scheduler.stopReason == nil)
        #expect(world.requests(of: 30).map(\.isConfirmation) == [false, true])
    }

    @Test(arguments: [1, 2])
    func `a credential that is refused at first alone is nobody's trouble`(first: Int64) {
        var world = SchedulerWorld(connections: 30) { row, nth in
            row <= first && nth == 1 ? .wrongSecret : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 30])
    }

    @Test func `a credential that comes and goes condemns nobody`() {
        let count = Counter()
        var world = SchedulerWorld(connections: 300) { _, _ in
            count.next() % 3 == 1 ? .wrongSecret : nil
        }
        world.run()
        #expect(Set(world.counts.keys).isSubset(of: ["refreshed", "configuration"]))
        #expect(world.counts["configuration", default: 0] > 0)
    }

    @Test(arguments: [
        TokenEndpointError.wrongSecret, .consentMissing, .unknownInTenant, .damagedRow, .nonsense,
        .noAnswer,
    ])
    func `a second answer of another class confirms nothing`(second: TokenEndpointError) {
        var world = SchedulerWorld(connections: 20) { row, nth in
            row == 7 ? (nth == 1 ? .signInAgain : second) : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 19, "transient": 1])
        #expect(world.requests(of: 7).count == 2)
    }

    @Test(arguments: [TokenEndpointError.wrongSecret, .signInAgain, .consentMissing])
    func `nor does it confirm a refusal by the tenant`(second: TokenEndpointError) {
        var world = SchedulerWorld(connections: 20) { row, nth in
            row == 7 ? (nth == 1 ? .unknownInTenant : second) : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 19, "transient": 1])
    }

    @Test func `a token that can't come back is believed whatever was said before`() {
        var world = SchedulerWorld(connections: 2) { row, nth in
            row == 2 ? (nth == 1 ? .consentMissing : .badToken) : nil
        }
        world.run()
        #expect(world.outcomes[2] == "reauth_required")
    }

    @Test func `a throttled second opinion is compared with the first`() {
        var world = SchedulerWorld(connections: 2) { row, nth in
            guard row == 2 else { return nil }
            return [.signInAgain, .throttled(.seconds(2)), .consentMissing][nth - 1]
        }
        world.run()
        #expect(world.outcomes[2] == "transient")
    }

    @Test func `a credential that dies before the second opinions stops the pass`() {
        var world = SchedulerWorld(connections: 40) { row, nth in
            row > 10 && row <= 20 ? (nth == 1 ? .signInAgain : .wrongSecret) : nil
        }
        world.run()
        #expect(world.scheduler.stopReason == .application)
        #expect(world.counts["reauth_required"] == nil)
        #expect(world.counts["consent_required"] == nil)
        #expect(world.counts["configuration", default: 0] >= 3)
        #expect(world.counts["refreshed"] == 30)
    }

    @Test func `a refused credential without a second opinion is the application's`() {
        var world = SchedulerWorld(connections: 2, width: 1, deadline: .seconds(1)) { sent in
            sent.row == 1
                ? (.refreshed, .milliseconds(10)) : (.refused(.wrongSecret), .seconds(2))
        }
        world.run()
        #expect(world.counts == ["refreshed": 1, "configuration": 1])
    }
}
