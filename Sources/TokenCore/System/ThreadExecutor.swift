/// An actor's own thread: jobs run in order of arrival, and may block in fsync(2) without holding
/// one of the shared pool's threads.

internal import Glibc
internal import Synchronization

final class ThreadExecutor: SerialExecutor {
    private let inbox = Inbox()

    init(name: String) {
        let inbox = inbox
        Thread.start(named: name) { inbox.serve() }
    }

    deinit { inbox.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        inbox.add(Inbox.Item(job: job, executor: asUnownedSerialExecutor()))
    }

    /// The queue of jobs. Its thread keeps it alive past the executor.
    private final class Inbox: Sendable {
        struct Item {
            let job: UnownedJob
            let executor: UnownedSerialExecutor
        }
        private struct State {
            var items: [Item] = []
            var isClosed = false
        }
        private let state = Mutex(State())
        private let arrivals = Semaphore()

        func add(_ item: Item) {
            // Only the first job in an empty queue needs to wake the thread.
            let wasEmpty = state.withLock { state in
                state.items.append(item)
                return state.items.count == 1
            }
            if wasEmpty { arrivals.signal() }
        }

        func close() {
            state.withLock { $0.isClosed = true }
            arrivals.signal()
        }

        func serve() {
            while true {
                arrivals.wait()
                while true {
                    let (items, isClosed) = state.withLock { state in
                        defer { state.items = [] }
                        return (state.items, state.isClosed)
                    }
                    for item in items { item.job.runSynchronously(on: item.executor) }
                    if items.isEmpty {
                        if isClosed { return }
                        break
                    }
                }
            }
        }
    }
}
