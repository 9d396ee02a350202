/// Whatever the server does, every connection is settled once, and the pass ends.

import TestSupport
import Testing

@testable import TokenCore

struct PassSchedulerPropertyTests {
    @Test(arguments: 1...60)
    func `in any world every connection is settled exactly once`(seed: UInt64) {
        let weather = Weather(seed: seed)
        var world = weather.world()
        world.run()
        #expect(world.settled.count == weather.connections)
        #expect(world.settled.allSatisfy { (_, outcomes: [String]) in outcomes.count == 1 })
        #expect(world.peak <= weather.width)
        #expect(world.scheduler.inFlight == 0)
        // A slot whose answer could not be stored stays occupied: the answer is nowhere else.
        let occupied = world.settled.values.count { $0 == ["unstored"] }
        let free = Set(world.scheduler.freeSlots)
        #expect(free.count == world.scheduler.freeSlots.count)
        #expect(free.isSubset(of: 0..<weather.width))
        #expect(free.count + occupied == weather.width)
        #expect(world.now <= weather.deadline + .seconds(35))
        // A first try and two retries, two pauses, and a second opinion with its own.
        let mostRequests =
            Dictionary(grouping: world.sent, by: \.row).values.map(\.count).max() ?? 0
        #expect(mostRequests <= 6)
    }

    @Test func `a world of thousands of steps ends`() {
        let weather = Weather(
            seed: 99, connections: 3000, width: 64,
            odds: [(.nonsense, 100), (.signInAgain, 100), (.noAnswer, 50), (.damagedRow, 20)])
        var world = weather.world()
        world.run()
        #expect(world.steps > 3000)
        #expect(world.settled.count == 3000)
        #expect(world.settled.allSatisfy { (_, outcomes: [String]) in outcomes.count == 1 })
    }
}

/// A server with moods, drawn from a seed.
private final class Weather {
    let connections: Int
    let width: Int
    let deadline: Duration
    private let isAlias: Bool
    private let stopAt: Duration?
    /// How often each sort of answer comes, in thousandths; the rest are successes.
    private let odds: [(TokenEndpointError?, Int)]
    private let endsEarly: Bool
    private var random: SeededRandom

    /// A day on which nothing ends the pass early.
    init(seed: UInt64, connections: Int, width: Int, odds: [(TokenEndpointError?, Int)]) {
        self.connections = connections
        self.width = width
        self.odds = odds
        random = SeededRandom(seed: seed)
        deadline = .seconds(100_000)
        isAlias = false
        stopAt = nil
        endsEarly = false
    }

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        connections = Int.random(in: 1...400, using: &random)
        width = Int.random(in: 1...32, using: &random)
        deadline = .seconds(Int.random(in: 5...900, using: &random))
        isAlias = Bool.random(using: &random)
        stopAt =
            Int.random(in: 0..<4, using: &random) == 0
            ? .seconds(Int.random(in: 0...30, using: &random)) : nil
        let kinds: [TokenEndpointError?] = [
            .noAnswer, .nonsense, .throttled(.zero), .throttled(.seconds(2)), .throttled(nil),
            .loop, .signInAgain, .badToken, .consentMissing, .wrongSecret, .unknownInTenant,
            .damagedRow,
        ]
        var odds: [(TokenEndpointError?, Int)] = []
        for kind in kinds where Bool.random(using: &random) {
            let isRare = kind?.kind == .throttled
            odds.append((kind, Int.random(in: 0...(isRare ? 5 : 200), using: &random)))
        }
        self.odds = odds
        self.random = random
        endsEarly = true
    }

    func world() -> SchedulerWorld {
        var jitter = SeededRandom(seed: random.next())
        let draws = (0..<97).map { _ in jitter.fraction() }
        let jitterIndex = Counter()
        var world = SchedulerWorld(
            connections: connections, width: width, deadline: deadline, alias: isAlias,
            random: { draws[jitterIndex.next() % draws.count] }
        ) { [self] _ in
            (ending(), .milliseconds(Int.random(in: 0...30_000, using: &random) / latencyDivisor))
        }
        world.readTime = [.zero, .milliseconds(1), .milliseconds(200), .seconds(5)]
            .randomElement(using: &random)!
        if let stopAt { world.at(stopAt) { $0.stop(.signal(15)) } }
        return world
    }

    private lazy var latencyDivisor = [1, 10, 100, 1000].randomElement(using: &random)!

    private func ending() -> AttemptEnding {
        var draw = Int.random(in: 0..<1000, using: &random)
        switch draw {
        case 0..<10: return .raced
        case 10 where endsEarly: return .storeFailed(StoreError("disk full"))
        default: break
        }
        for (error, odds) in odds {
            draw -= odds
            if draw < 0, let error { return .refused(error) }
        }
        return .refreshed
    }
}
