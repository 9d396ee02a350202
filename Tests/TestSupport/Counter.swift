/// Counts calls from whichever thread they come.

internal import Synchronization

public final class Counter: Sendable {
    private let count = Atomic(0)

    public init() {}

    /// Calls so far.
    public var value: Int { count.load(ordering: .acquiring) }

    /// Counts one more.
    /// - Returns: The number of calls before this one.
    @discardableResult
    public func next() -> Int { count.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue }
}
