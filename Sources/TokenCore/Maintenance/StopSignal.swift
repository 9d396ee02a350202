/// The signal that asks a pass to end early, remembered: who waits for answers is woken by it, and who
/// starts requests one by one asks whether it has come.

internal import Synchronization

final class StopSignal: Sendable {
    /// Yields the signal to the one who waits for it.
    let arrival: AsyncStream<Int32>
    private let memory: Memory
    private let listener: Task<Void, Never>

    private final class Memory: Sendable {
        let number = Mutex<Int32?>(nil)
    }

    /// - Parameter signals: Of the whole process; only the first one counts.
    init(_ signals: AsyncStream<Int32>?) {
        let (arrival, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.arrival = arrival
        let memory = Memory()
        self.memory = memory
        listener = Task {
            guard let signals else { return }
            for await number in signals {
                memory.number.withLock { $0 = number }
                continuation.yield(number)
                return
            }
        }
    }

    deinit { listener.cancel() }

    /// Nil until it has come.
    var number: Int32? { memory.number.withLock { $0 } }
}
