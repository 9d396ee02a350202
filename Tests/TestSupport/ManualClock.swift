/// A clock that nobody waits for: whoever sleeps moves it, and a test moves it by hand.

public import FoundationEssentials
internal import Synchronization
public import TokenCore

public final class ManualClock: Sendable {
    private struct Times: Sendable {
        var wall: Date
        var uptime = Duration.zero
        var sleeps: [Duration] = []
        var random: SeededRandom

        mutating func advance(by duration: Duration) {
            guard duration > .zero else { return }
            uptime += duration
            wall +=
                Double(duration.components.seconds)
                + Double(duration.components.attoseconds) / 1e18
        }
    }

    private let times: Mutex<Times>

    /// 2026-11-22T12:00:00Z.
    public static let noon = Date(timeIntervalSince1970: 1_795_348_800)

    public init(now: Date = noon, seed: UInt64 = 1) {
        times = Mutex(Times(wall: now, random: SeededRandom(seed: seed)))
    }

    public var now: Date { times.withLock { $0.wall } }
    public var uptime: Duration { times.withLock { $0.uptime } }
    /// How long somebody meant to sleep, each time.
    public var sleeps: [Duration] { times.withLock { $0.sleeps } }

    /// Moves both clocks on.
    public func advance(by duration: Duration) {
        times.withLock { $0.advance(by: duration) }
    }

    public var passClock: PassClock {
        PassClock(
            now: { self.now }, uptime: { self.uptime },
            sleep: { duration in
                self.times.withLock { times in
                    times.sleeps.append(duration)
                    times.advance(by: duration)
                }
            },
            random: { self.times.withLock { $0.random.fraction() } })
    }
}
