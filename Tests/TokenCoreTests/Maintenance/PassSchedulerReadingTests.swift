/// Connections are read while requests are under way, and nobody waits for the reading who need not.

import TestSupport
import Testing

@testable import TokenCore

struct PassSchedulerReadingTests {
    @Test func `no request waits for the next page`() {
        var world = SchedulerWorld(connections: 401, width: 8) { _, _ in nil }
        world.readTime = .milliseconds(40)
        world.run()
        // One page, the first request alone, then 400 by eights.
        #expect(world.now == .milliseconds(40 + 50 + 50 * 50))
        #expect(world.sent.map(\.row) == Array(1...401))
    }

    @Test func `as many are read ahead as may be under way`() {
        var world = SchedulerWorld(connections: 1000, width: 200) { _, _ in nil }
        world.readTime = .milliseconds(5)
        world.run()
        let sent = Dictionary(grouping: world.sent, by: \.at).mapValues(\.count)
        // Until one has shown that the application works, a single short page is read.
        #expect([55, 60, 65].map { sent[.milliseconds($0)] } == [63, 100, 37])
        // Each answer makes room for one that is there.
        #expect([105, 110, 115].map { sent[.milliseconds($0)] } == [63, 100, 37])
    }

    @Test func `where answers wait for the disk as many are read ahead as have slots`() {
        var world = SchedulerWorld(connections: 2000, width: 200, slots: 600) { _ in
            (.refreshed, .milliseconds(50))
        }
        world.readTime = .milliseconds(1)
        var waiting: [Int] = []
        for instant in [90, 140, 190] {
            world.at(.milliseconds(instant)) { waiting.append($0.ready.count) }
        }
        world.run()
        #expect(waiting.allSatisfy { 600..<664 ~= $0 } && waiting.count == 3, "\(waiting)")
    }

    @Test func `a narrowed pass reads no more ahead than it sends`() {
        var world = SchedulerWorld(connections: 6000, width: 512) { sent in
            let isEarly = sent.at < .seconds(1) && sent.row > 1
            return (isEarly ? .refused(.throttled(.seconds(1))) : .refreshed, .milliseconds(50))
        }
        var waiting: [Int] = []
        world.at(.milliseconds(1500)) { waiting.append($0.ready.count - $0.width) }
        world.run()
        #expect(waiting.allSatisfy { $0 < 64 } && !waiting.isEmpty)
    }

    @Test func `a pass that ends while a page is read counts what is on it`() {
        var world = SchedulerWorld(connections: 100, width: 50) { _, _ in nil }
        world.readTime = .seconds(1)
        world.at(.milliseconds(1500)) { $0.stop(.signal(15)) }
        world.run()
        #expect(world.counts == ["refreshed": 64, "deferred": 36])
    }

    @Test func `a pause is waited for only when somebody is left`() {
        var world = SchedulerWorld(connections: 1, width: 4) { _, nth in
            nth == 1 ? .throttled(.seconds(20)) : nil
        }
        world.readTime = .milliseconds(10)
        world.run()
        #expect(world.counts == ["refreshed": 1])
    }

    @Test func `an outage waits for those that are being read before it asks anybody twice`() {
        var world = SchedulerWorld(connections: 80, width: 16) { sent in
            sent.row <= 64
                ? (.refused(.noAnswer), .milliseconds(50)) : (.refreshed, .milliseconds(50))
        }
        world.readTime = .seconds(5)
        world.run()
        #expect(world.counts["refreshed"] == 16)
    }
}
