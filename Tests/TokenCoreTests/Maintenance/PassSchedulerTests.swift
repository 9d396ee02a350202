import TestSupport
import Testing

@testable import TokenCore

struct PassSchedulerTests {
    // MARK: Order and width

    @Test func `nothing to do is finished at once`() {
        var world = SchedulerWorld(connections: 0) { _, _ in nil }
        world.run()
        #expect(world.sent.isEmpty)
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `the first one goes alone and the rest follow at full width`() {
        var world = SchedulerWorld(connections: 40, width: 8) { _, _ in nil }
        world.run()
        #expect(world.sent.map(\.row) == Array(1...40))
        #expect(world.sent[0].inFlight == 1)
        #expect(world.sent[1].at == .milliseconds(50))
        #expect(world.peak == 8)
        #expect(world.counts == ["refreshed": 40])
    }

    @Test(arguments: [1, 2, 16, 1024])
    func `the width is a bound`(width: Int) {
        var world = SchedulerWorld(connections: 2000, width: width) { _, _ in nil }
        world.run()
        #expect(world.peak == width)
        #expect(world.counts == ["refreshed": 2000])
    }

    @Test func `a raced first one is an answer too`() {
        var world = SchedulerWorld(connections: 9, width: 8) { sent in
            (sent.row == 1 ? .raced : .refreshed, .milliseconds(50))
        }
        world.run()
        #expect(world.peak == 8)
        #expect(world.counts == ["raced": 1, "refreshed": 8])
    }

    // MARK: The application is refused

    @Test(arguments: [500, 4, 3])
    func `a wrong secret costs three requests one by one`(connections: Int) {
        var world = SchedulerWorld(connections: connections) { _, _ in .wrongSecret }
        world.run()
        #expect(world.sent.count == 3)
        #expect(world.peak == 1)
        #expect(world.scheduler.stopReason == .application)
        #expect(world.counts["configuration"] == 3)
        #expect(world.counts["not_attempted", default: 0] == connections - 3)
    }

    @Test(arguments: [1, 2])
    func `fewer than three connections that all refuse the application are enough`(count: Int) {
        var world = SchedulerWorld(connections: count) { _, _ in .wrongSecret }
        world.run()
        #expect(world.scheduler.stopReason == .application)
        #expect(world.counts == ["configuration": count])
    }

    @Test(arguments: [1, 2])
    func `a success after a refusal blames the refused one alone`(refusals: Int64) {
        var world = SchedulerWorld(connections: 30) { row, _ in
            row <= refusals ? .wrongScopes : nil
        }
        world.run()
        #expect(world.sent.prefix(Int(refusals) + 1).allSatisfy { $0.inFlight == 1 })
        #expect(
            world.counts == ["consent_required": Int(refusals), "refreshed": 30 - Int(refusals)])
        #expect(world.scheduler.stopReason == nil)
        #expect(world.peak == 8)
    }

    @Test func `after a success many refusals stop nothing`() {
        var world = SchedulerWorld(connections: 30) { row, _ in row == 1 ? nil : .wrongScopes }
        world.run()
        #expect(world.counts == ["refreshed": 1, "consent_required": 29])
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `a success that was under way takes the stop back`() {
        var world = SchedulerWorld(connections: 30, width: 8) { sent in
            switch sent.row {
            case 1: (.refused(.badToken), .milliseconds(10))
            case 2...4: (.refused(.wrongScopes), .milliseconds(10))
            case 5: (.refreshed, .seconds(2))
            default: (.refreshed, .seconds(3))
            }
        }
        world.run()
        #expect(world.scheduler.stopReason == nil)
        #expect(world.counts == ["reauth_required": 1, "consent_required": 3, "refreshed": 26])
    }

    @Test func `a refusal by one tenant stays with it where the authority is an alias`() {
        var world = SchedulerWorld(connections: 1, alias: true) { _, _ in .unknownInTenant }
        world.run()
        #expect(world.scheduler.stopReason == nil)
        #expect(world.outcomes == [1: "consent_required"])
    }

    @Test func `it blames the application where the authority is one tenant`() {
        var world = SchedulerWorld(connections: 1, alias: false) { _, _ in .unknownInTenant }
        world.run()
        #expect(world.outcomes == [1: "configuration"])
    }

    @Test func `three tenants that refuse act as one application refused`() {
        var world = SchedulerWorld(connections: 20, alias: true) { _, _ in .unknownInTenant }
        world.run()
        #expect(world.sent.count == 3)
        #expect(world.scheduler.stopReason == .application)
        #expect(world.counts == ["configuration": 3, "not_attempted": 17])
    }

    @Test func `three malformed requests without a success act so too`() {
        var world = SchedulerWorld(connections: 20) { _, _ in .damagedRow }
        world.run()
        #expect(world.sent.count == 3)
        #expect(world.scheduler.stopReason == .application)
        #expect(world.counts == ["configuration": 3, "not_attempted": 17])
    }

    @Test(arguments: [1, 2])
    func `fewer malformed requests are about their rows`(count: Int) {
        var world = SchedulerWorld(connections: count) { _, _ in .damagedRow }
        world.run()
        #expect(world.counts == ["rejected": count])
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `malformed requests among successes are rejected`() {
        var world = SchedulerWorld(connections: 30) { row, _ in row % 3 == 1 ? .damagedRow : nil }
        world.run()
        #expect(world.counts == ["rejected": 10, "refreshed": 20])
    }

    @Test func `refusals of every sort count together`() {
        let answers: [TokenEndpointError] = [.damagedRow, .unknownInTenant, .wrongSecret]
        var world = SchedulerWorld(connections: 20, alias: true) { row, _ in
            answers[Int(row - 1) % 3]
        }
        world.run()
        #expect(world.sent.count == 3)
        #expect(world.peak == 1)
        #expect(world.counts == ["configuration": 3, "not_attempted": 17])
    }

    @Test func `each refusal has its own verdict once another succeeds`() {
        let answers: [Int64: TokenEndpointError] = [1: .damagedRow, 2: .unknownInTenant]
        var world = SchedulerWorld(connections: 20, alias: true) { row, _ in answers[row] }
        world.run()
        #expect(world.outcomes[1] == "rejected")
        #expect(world.outcomes[2] == "consent_required")
        #expect(world.counts["refreshed"] == 18)
    }

    @Test func `a dead token between refusals is no success`() {
        var world = SchedulerWorld(connections: 20) { row, _ in row == 2 ? .badToken : .wrongSecret
        }
        world.run()
        #expect(world.sent.map(\.row) == [1, 2, 3, 4])
        #expect(world.peak == 1)
        #expect(world.counts == ["configuration": 3, "reauth_required": 1, "not_attempted": 16])
    }

    // MARK: No answer

    @Test func `an answer that says nothing is asked for twice more`() {
        var world = SchedulerWorld(connections: 5) { row, _ in row == 3 ? .nonsense : nil }
        world.run()
        #expect(world.requests(of: 3).count == 3)
        #expect(world.outcomes[3] == "transient")
        #expect(world.counts == ["transient": 1, "refreshed": 4])
    }

    @Test(arguments: [0.0, 0.25, 0.999])
    func `retries wait a second and some jitter`(random: Double) {
        var world = SchedulerWorld(connections: 1, random: { random }) { _ in
            (.refused(.nonsense), .zero)
        }
        world.run()
        let times = world.sent.map(\.at)
        #expect(
            times == [.zero, .seconds(1 + random), .seconds(1 + random) + .seconds(1 + 4 * random)])
    }

    @Test func `a retry that succeeds is a success`() {
        var world = SchedulerWorld(connections: 5) { row, nth in nth < 3 ? .nonsense : nil }
        world.run()
        #expect(world.counts == ["refreshed": 5])
        #expect(world.sent.count == 15)
    }

    @Test func `the first one's retries hold up nobody`() {
        var world = SchedulerWorld(connections: 50) { row, _ in row == 1 ? .nonsense : nil }
        world.run()
        #expect(world.sent.prefix(50).map(\.row) == Array(1...50))
        #expect(world.sent[49].at < .seconds(1))
        #expect(world.outcomes[1] == "transient")
    }

    @Test func `a dead service is asked one by one and given up after a minute`() {
        var world = SchedulerWorld(connections: 5000, width: 16) { _, _ in .noAnswer }
        world.run()
        #expect(world.scheduler.stopReason == .outage)
        #expect(world.sent.count <= 16 + 10 + 60)
        let late = world.sent.filter { $0.at > .seconds(1) }
        #expect(late.allSatisfy { $0.inFlight == 1 })
        #expect(zip(late, late.dropFirst()).allSatisfy { $1.at - $0.at >= .milliseconds(500) })
        #expect(world.now < .seconds(65))
        #expect(world.counts["deferred", default: 0] > 4900)
        #expect(
            world.counts["deferred", default: 0] + world.counts["transient", default: 0] == 5000)
    }

    @Test func `a connection that breaks under many requests is no outage`() {
        var world = SchedulerWorld(connections: 200, width: 16) { row, nth in
            (34...49).contains(row) && nth == 1 ? .brokenConnection : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 200])
        #expect(world.now < .seconds(5))
    }

    @Test func `a service that breaks every connection is an outage`() {
        var world = SchedulerWorld(connections: 5000, width: 16) { _, _ in .brokenConnection }
        world.run()
        #expect(world.scheduler.stopReason == .outage)
        #expect(world.sent.count <= 16 * 12 + 60)
        #expect(world.now < .seconds(70))
    }

    @Test func `a service that answers again is used at full width again`() {
        var world = SchedulerWorld(connections: 500, width: 16) { sent in
            (sent.at < .seconds(20) ? .refused(.noAnswer) : .refreshed, .milliseconds(50))
        }
        world.run()
        #expect(world.scheduler.stopReason == nil)
        #expect(world.sent.filter { $0.at > .seconds(21) }.map(\.inFlight).max() == 16)
        #expect(world.counts["deferred"] == nil)
        #expect(world.counts["refreshed", default: 0] > 440)
    }

    @Test func `those under way when a service dies have their retries when it is back`() {
        var world = SchedulerWorld(connections: 500, width: 64) { sent in
            let isDead = (.milliseconds(200)..<(.milliseconds(1400))).contains(sent.at)
            return (isDead ? .refused(.noAnswer) : .refreshed, .milliseconds(50))
        }
        world.run()
        #expect(world.scheduler.stopReason == nil)
        // Those that asked it whether it lives have had their try.
        #expect(world.counts["transient", default: 0] <= 2)
        #expect(
            world.counts["refreshed", default: 0] + world.counts["transient", default: 0] == 500)
    }

    @Test func `nonsense is no outage`() {
        var world = SchedulerWorld(connections: 40, width: 8) { _, _ in .nonsense }
        world.run()
        #expect(world.sent.count == 120)
        #expect(world.counts == ["transient": 40])
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `now and then no answer is no outage`() {
        var world = SchedulerWorld(connections: 300, width: 8) { row, nth in
            row % 3 == 0 || nth > 1 ? nil : .noAnswer
        }
        world.run()
        #expect(world.scheduler.stopReason == nil)
        #expect(world.counts["deferred"] == nil)
    }

    // MARK: Throttling

    @Test func `a short pause is waited for by everybody`() {
        var world = SchedulerWorld(connections: 40, width: 8) { row, nth in
            row == 5 && nth == 1 ? .throttled(.seconds(7)) : nil
        }
        world.run()
        let askedAt = world.requests(of: 5)[0].at + .milliseconds(50)
        #expect(!world.sent.contains { $0.at > askedAt && $0.at < askedAt + .seconds(7) })
        #expect(world.counts == ["refreshed": 40])
        #expect(world.scheduler.recordedPause == nil)
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `one connection is waited for twice and not three times`() {
        var world = SchedulerWorld(connections: 10) { row, _ in
            row == 1 ? .throttled(.seconds(5)) : nil
        }
        world.run()
        #expect(world.requests(of: 1).count == 3)
        #expect(world.outcomes[1] == "throttled")
        // The pause holds for the others too, and then they go on.
        #expect(world.requests(of: 2)[0].at > world.requests(of: 1)[2].at + .seconds(5))
        #expect(world.scheduler.stopReason == nil)
        #expect(world.counts["refreshed"] == 9)
    }

    @Test(arguments: [
        ([20, 20], 1), ([10, 10, 10, 10], 3), ([30], 1), ([31], 0), ([15, 16], 1), ([3600], 0),
    ])
    func `a pass waits thirty seconds in total`(pauses: [Int], waits: Int) {
        var world = SchedulerWorld(connections: 50, width: 1) { row, nth in
            nth == 1 && row <= pauses.count ? .throttled(.seconds(pauses[Int(row) - 1])) : nil
        }
        world.run()
        let waited = pauses.prefix(waits).reduce(0, +)
        #expect(world.now >= .seconds(waited))
        #expect(world.now < .seconds(waited + 5))
        if waits < pauses.count {
            #expect(world.scheduler.stopReason == .throttled)
            #expect(world.scheduler.recordedPause == world.now + .seconds(pauses[waits]))
        } else {
            #expect(world.scheduler.stopReason == nil)
            #expect(world.counts == ["refreshed": 50])
        }
    }

    @Test func `many that are throttled at once share one pause`() {
        var world = SchedulerWorld(connections: 9, width: 8) { row, nth in
            row > 1 && nth == 1 ? .throttled(.seconds(25)) : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 9])
        #expect(world.now < .seconds(30))
    }

    @Test func `a pause that was not said is a minute and not waited for`() {
        var world = SchedulerWorld(connections: 3) { _, _ in .throttled(nil) }
        world.run()
        #expect(world.sent.count == 1)
        #expect(world.scheduler.recordedPause == world.now + .seconds(60))
        #expect(world.counts == ["throttled": 1, "deferred": 2])
    }

    @Test func `a client that repeats itself is never told to wait in the pass`() {
        var world = SchedulerWorld(connections: 3) { _, _ in .loop }
        world.run()
        #expect(world.sent.count == 1)
        #expect(world.scheduler.recordedPause == world.now + .seconds(5))
        #expect(world.scheduler.stopReason == .throttled)
    }

    @Test func `a pause beyond the budget is not waited for`() {
        var world = SchedulerWorld(connections: 3, deadline: .seconds(10)) { _, _ in
            .throttled(.seconds(15))
        }
        world.run()
        #expect(world.now < .seconds(1))
        #expect(world.scheduler.stopReason == .throttled)
    }

    @Test func `an answer that waits for the disk keeps no request from being sent`() throws {
        var scheduler = PassScheduler(
            width: 2, slots: 4, deadline: .seconds(60), authorityIsAlias: false, random: { 0 })
        scheduler.fetched((1...8).map(Connection.numbered))
        scheduler.fetched(nil)
        func next() -> Attempt? {
            if case .send(let attempt) = scheduler.next(at: .zero) { attempt } else { nil }
        }
        // The first is to end, not only to be answered.
        var first = try #require(next())
        scheduler.answerArrived(&first)
        #expect(next() == nil)
        _ = scheduler.ended(first, .refreshed, at: .zero)

        var sent = try [#require(next()), #require(next())]
        #expect(next() == nil)
        for index in 0..<2 {
            scheduler.answerArrived(&sent[index])
            sent.append(try #require(next()))
            #expect(next() == nil)
        }
        #expect(Set(sent.map(\.slot)).count == 4)
        #expect(scheduler.inFlight == 4)
        // No answer is asked for that would have no place.
        scheduler.answerArrived(&sent[2])
        #expect(next() == nil)
        _ = scheduler.ended(sent[0], .refreshed, at: .zero)
        #expect(next()?.slot == sent[0].slot)
        #expect(next() == nil)
        // One that was never noted as answered ends all the same.
        _ = scheduler.ended(sent[3], .refreshed, at: .zero)
        #expect(scheduler.storing == 2)
        #expect(next() != nil)
    }

    @Test func `throttling halves the width and successes widen it again`() {
        var world = SchedulerWorld(connections: 300, width: 16) { row, nth in
            row == 20 && nth == 1 ? .throttled(.seconds(1)) : nil
        }
        world.run()
        let after = world.sent.filter { $0.at > .seconds(1) }
        #expect(after.map(\.inFlight).max() == 8)
        #expect(after.first?.inFlight == 1)

        var scheduler = PassScheduler(
            width: 16, slots: 16, deadline: .seconds(60), authorityIsAlias: false, random: { 0 })
        for expected in [8, 4, 2, 1, 1] {
            scheduler.narrow(at: .zero)
            #expect(scheduler.width == expected)
        }
        // Five minutes from one to two, and from two to four.
        var now = Duration.zero
        for (step, width) in [(299, 1), (1, 2), (149, 2), (1, 3), (99, 3), (1, 4), (75, 5)] {
            now += .seconds(step)
            scheduler.widen(at: now)
            scheduler.widen(at: now)
            #expect(scheduler.width == width)
        }
        for _ in 0..<40 {
            now += .seconds(100)
            scheduler.widen(at: now)
        }
        #expect(scheduler.width == 16)
    }

    @Test func `many answers to one burst halve the width once`() {
        var world = SchedulerWorld(connections: 200, width: 16) { row, nth in
            (20..<40).contains(row) && nth == 1 ? .throttled(.seconds(1)) : nil
        }
        world.run()
        #expect(world.counts == ["refreshed": 200])
        let after = world.sent.filter { $0.at > .seconds(1) }
        #expect(after.prefix(12).map(\.inFlight).max() ?? 0 >= 8)
    }

    // MARK: Second opinions

    @Test(arguments: [TokenEndpointError.signInAgain, .consentMissing])
    func `a first verdict is confirmed last`(error: TokenEndpointError) {
        var world = SchedulerWorld(connections: 30) { row, _ in row <= 3 ? error : nil }
        world.run()
        let confirmations = world.sent.filter(\.isConfirmation)
        #expect(confirmations.map(\.row).sorted() == [1, 2, 3])
        #expect(world.sent.suffix(3) == confirmations[...])
        let lastFirstAnswer = world.sent.filter { !$0.isConfirmation }.map(\.at).max() ?? .zero
        #expect(confirmations.allSatisfy { $0.at >= lastFirstAnswer + .milliseconds(50) })
        let verdict = error.kind.verdict.rawValue
        #expect(world.counts == [verdict: 3, "refreshed": 27])
    }

    @Test func `a retry is a first answer still to come`() {
        var world = SchedulerWorld(connections: 2) { row, nth in
            row == 1 ? .signInAgain : nth < 3 ? .nonsense : nil
        }
        world.run()
        #expect(world.sent.map(\.row) == [1, 2, 2, 2, 1])
        #expect(world.outcomes == [1: "reauth_required", 2: "refreshed"])
    }

    @Test func `a token that can't come back needs no second opinion`() {
        var world = SchedulerWorld(connections: 4) { _, _ in .badToken }
        world.run()
        #expect(world.sent.count == 4)
        #expect(world.counts == ["reauth_required": 4])
    }

    @Test func `the second opinion decides`() {
        let second: [Int64: TokenEndpointError] = [
            2: .consentMissing, 3: .nonsense, 4: .noAnswer, 5: .badToken,
        ]
        var world = SchedulerWorld(connections: 5) { row, nth in
            nth == 1 ? .signInAgain : second[row]
        }
        world.run()
        #expect(
            world.outcomes == [
                1: "refreshed", 2: "transient", 3: "transient", 4: "transient",
                5: "reauth_required",
            ])
        #expect(world.sent.count == 10)
    }

    @Test func `a throttled second opinion is asked for again`() {
        var world = SchedulerWorld(connections: 1) { _, nth in
            nth == 2 ? .throttled(.seconds(3)) : .signInAgain
        }
        world.run()
        #expect(world.sent.count == 3)
        #expect(world.outcomes == [1: "reauth_required"])
    }

    @Test func `without a second opinion there is no verdict`() {
        var world = SchedulerWorld(connections: 10, deadline: .seconds(1)) { row, nth in
            row == 2 ? .nonsense : .signInAgain
        }
        world.run()
        #expect(!world.sent.contains { $0.isConfirmation })
        #expect(world.counts == ["transient": 10])
    }

    // MARK: Ends

    @Test func `after the budget nothing starts and what is under way is waited for`() {
        var world = SchedulerWorld(connections: 100, width: 4, deadline: .seconds(10)) { _ in
            (.refreshed, .seconds(4))
        }
        world.run()
        #expect(world.scheduler.stopReason == .budget)
        #expect(world.sent.allSatisfy { $0.at < .seconds(10) })
        #expect(world.counts == ["refreshed": 9, "deferred": 91])
        #expect(world.now == .seconds(12))
    }

    @Test func `a pass that is done at its deadline was not cut short`() {
        var world = SchedulerWorld(connections: 4, width: 4, deadline: .seconds(10)) { _ in
            (.refreshed, .seconds(6))
        }
        world.run()
        #expect(world.now == .seconds(12))
        #expect(world.counts == ["refreshed": 4])
        #expect(world.scheduler.stopReason == nil)
    }

    @Test func `a signal ends it the same way`() {
        var world = SchedulerWorld(connections: 100, width: 4) { sent in
            (sent.row == 2 ? .refused(.nonsense) : .refreshed, .seconds(1))
        }
        world.at(.milliseconds(1500)) { $0.stop(.signal(15)) }
        world.run()
        #expect(world.scheduler.stopReason == .signal(15))
        #expect(world.sent.count == 5)
        #expect(world.counts == ["refreshed": 4, "transient": 1, "deferred": 95])
    }

    @Test func `a store that fails spends no more tokens`() {
        var world = SchedulerWorld(connections: 100, width: 4) { sent in
            (sent.row == 3 ? .storeFailed(StoreError("disk full")) : .refreshed, .seconds(1))
        }
        world.run()
        #expect(world.scheduler.stopReason == .database(message: "disk full", hint: nil))
        #expect(world.sent.allSatisfy { $0.at <= .seconds(2) })
        #expect(world.outcomes[3] == "unstored")
        #expect(world.counts["unstored"] == 1)
    }

    @Test func `a failed store outranks every other end and a signal all but that`() {
        let database = StopReason.database(message: "disk full", hint: nil)
        let reasons: [StopReason] = [
            .application, .budget, .throttled, .outage, .signal(2), database,
        ]
        for first in reasons {
            for second in reasons {
                var scheduler = PassScheduler(
                    width: 1, slots: 1, deadline: .seconds(60), authorityIsAlias: false,
                    random: { 0 })
                scheduler.stop(first)
                scheduler.stop(second)
                let expected: StopReason =
                    if first == database || second == database {
                        database
                    } else if case .signal = second {
                        second
                    } else {
                        first
                    }
                #expect(scheduler.stopReason == expected)
            }
        }
    }
}
