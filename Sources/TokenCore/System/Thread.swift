/// A thread of our own for work that blocks: Swift's shared pool has one thread per core, and a
/// thread that waits there holds up every other task.

internal import CLinux
internal import Glibc

enum Thread {
    /// Starts a detached thread that runs `body` once.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                let body = Unmanaged<Body>.fromOpaque(context!).takeRetainedValue()
                clinux_name_thread(body.name)
                body.run()
                return nil
            }, box.toOpaque())
        // Without a thread nothing can be sent or stored; the process has no way on.
        precondition(code == 0, "can't start a thread: \(String(cString: strerror(code)))")
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }
}
