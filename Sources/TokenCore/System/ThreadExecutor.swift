/// Threads of our own for Swift's tasks: jobs run in order of arrival, and a thread that sleeps in a system
/// call holds none of the shared pool's threads.

internal import Glibc
internal import Synchronization

/// An actor's own thread, which may block in fsync(2).
final class ThreadExecutor: SerialExecutor {
    private let jobs: ThreadJobs<UnownedSerialExecutor>

    init(name: String) {
        jobs = ThreadJobs(name: name) { job, executor in job.runSynchronously(on: executor) }
    }

    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), asUnownedSerialExecutor())
    }
}

/// A thread that a task prefers to the shared pool. The task of a pass is woken for nearly every answer and
/// commit; on a thread of its own that costs less than on the pool.
final class TaskThread: TaskExecutor {
    private let jobs: ThreadJobs<UnownedTaskExecutor>

    init(name: String) {
        jobs = ThreadJobs(name: name) { job, executor in job.runSynchronously(on: executor) }
    }

    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), asUnownedTaskExecutor())
    }
}

/// A queue of jobs and the thread that runs them, which keeps the queue alive past its executor.
private final class ThreadJobs<Executor: Sendable>: Sendable {
    private struct State {
        var jobs: [(UnownedJob, Executor)] = []
        var isClosed = false
    }
    private let state = Mutex(State())
    private let arrivals = Semaphore()

    init(name: String, run: @escaping @Sendable (UnownedJob, Executor) -> Void) {
        Thread.start(named: name) { self.serve(run) }
    }

    func add(_ job: UnownedJob, _ executor: Executor) {
        // Only the first job in an empty queue needs to wake the thread.
        let wasEmpty = state.withLock { state in
            state.jobs.append((job, executor))
            return state.jobs.count == 1
        }
        if wasEmpty { arrivals.signal() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
    }

    private func serve(_ run: (UnownedJob, Executor) -> Void) {
        while true {
            arrivals.wait()
            while true {
                let (jobs, isClosed) = state.withLock { state in
                    defer { state.jobs = [] }
                    return (state.jobs, state.isClosed)
                }
                for (job, executor) in jobs { run(job, executor) }
                if jobs.isEmpty {
                    if isClosed { return }
                    break
                }
            }
        }
    }
}
