/// A signal from one thread to another that needs no file descriptor (sem_overview(7)), so that there is
/// always one.

internal import Glibc

final class Semaphore: Sendable {
    /// Initialised and destroyed with its owner; the functions that use it in between are thread-safe.
    nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    /// Waits for a signal and takes it.
    func wait() {
        while sem_wait(semaphore) != 0, errno == EINTR {}
    }
}
