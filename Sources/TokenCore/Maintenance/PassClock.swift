/// Time as an argument: tests move it by hand.

public import FoundationEssentials

public struct PassClock: Sendable {
    /// The wall clock, which may be wrong and may jump.
    public var now: @Sendable () -> Date
    /// Time since some fixed moment, which only moves forward.
    public var uptime: @Sendable () -> Duration
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to but not including 1, for jitter.
    public var random: @Sendable () -> Double

    public init(
        now: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
        self.random = random
    }

    /// The machine's own clocks.
    public static var system: PassClock {
        let start = ContinuousClock.now
        return PassClock(
            now: { Date() }, uptime: { start.duration(to: .now) },
            sleep: { try await Task.sleep(for: $0) }, random: { .random(in: 0..<1) })
    }
}
