/// One connection's trouble stays with it: what the scheduler does for the others meanwhile.

import Testing

@testable import TokenCore

struct PassSchedulerNeighbourTests {
    @Test func `a pause that nobody is left for is not waited for`() {
        var world = SchedulerWorld(connections: 1) { _, _ in .throttled(.seconds(9)) }
        world.run()
        #expect(world.requests(of: 1).count == 3)
        #expect(world.now < .seconds(20))
        #expect(world.scheduler.pausedUntil.map { $0 > world.now + .seconds(8) } == true)
    }

    @Test func `another directory's limit holds up nobody where the authority is an alias`() {
        let limit = TokenEndpointError(
            kind: .throttled, refusal: Refusal(message: ""), isTenantOnly: true)
        var world = SchedulerWorld(connections: 5, alias: true) { row, _ in
            row == 1 ? limit : nil
        }
        world.run()
        #expect(world.counts == ["throttled": 1, "refreshed": 4])
        #expect(world.scheduler.recordedPause == nil)
        world = SchedulerWorld(connections: 5) { row, _ in row == 1 ? limit : nil }
        world.run()
        #expect(world.scheduler.stopReason == .throttled)
    }

    @Test func `a refusal of one among many is asked about once more`() {
        var world = SchedulerWorld(connections: 6) { row, nth in
            switch row {
            case 3: .wrongScopes
            case 5 where nth == 1: .wrongScopes
            default: nil
            }
        }
        world.run()
        #expect(world.counts == ["refreshed": 5, "consent_required": 1])
        #expect(world.requests(of: 3).map(\.isConfirmation) == [false, true])
        #expect(world.requests(of: 5).map(\.isConfirmation) == [false, true])
    }

    @Test func `in an outage those that nobody has asked come before retries`() {
        var world = SchedulerWorld(connections: 60, width: 16) { sent in
            // More than go at once, and a crowd that is well.
            sent.row <= 24
                ? (.refused(.noAnswer), .seconds(30)) : (.refreshed, .milliseconds(50))
        }
        world.run()
        #expect(world.counts["refreshed"] == 36)
        #expect(world.counts["deferred"] == nil)
        #expect(world.counts["transient"] == 24)
    }
}
