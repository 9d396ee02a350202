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

    @Test func `only an answer from after the refusals shows that the credential is good`() throws {
        var scheduler = PassScheduler(
            width: 4, slots: 8, deadline: .seconds(60), authorityIsAlias: false, random: { 0 })
        scheduler.fetched((1...20).map(Connection.numbered))
        scheduler.fetched(nil)
        func next(at now: Duration) -> Attempt? {
            if case .send(let attempt) = scheduler.next(at: now) { attempt } else { nil }
        }
        let first = try #require(next(at: .zero))
        _ = scheduler.ended(first, .refreshed, at: .zero)
        var sent = try (1...4).map { _ in try #require(next(at: .zero)) }
        // Three have their tokens, which wait for the disk, when the secret expires.
        for index in 0..<3 { scheduler.answerArrived(&sent[index], at: .seconds(1)) }
        sent += try (1...3).map { _ in try #require(next(at: .seconds(1))) }
        _ = scheduler.ended(sent[3], .refused(.wrongSecret), at: .seconds(2))
        _ = scheduler.ended(sent[0], .raced, at: .seconds(3))
        #expect(next(at: .seconds(3)) == nil)
        let refusal = StoreError("no", kind: .row)
        _ = scheduler.ended(sent[1], .storeFailed(refusal), at: .seconds(3))
        #expect(next(at: .seconds(3)) == nil)

        for index in 4..<6 {
            _ = scheduler.ended(sent[index], .refused(.wrongSecret), at: .seconds(3))
        }
        #expect(scheduler.stopReason == .application)
        let stored = scheduler.ended(sent[2], .refreshed, at: .seconds(3))
        #expect(stored.map(\.connection.rowID) == [sent[2].connection.rowID])
        #expect(scheduler.stopReason == .application)

        scheduler.answerArrived(&sent[6], at: .seconds(4))
        _ = scheduler.ended(sent[6], .refreshed, at: .seconds(5))
        #expect(scheduler.stopReason == nil)
        #expect(next(at: .seconds(5)) != nil)
    }
}
