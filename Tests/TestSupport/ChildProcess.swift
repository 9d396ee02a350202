/// A program that a test started, by posix_spawn(3): Foundation's `Process` waits in a run loop, which
/// blocks the threads that concurrent tests share.

internal import Glibc

public final class ChildProcess: Sendable {
    public let id: Int32

    /// Starts a program with its streams on /dev/null.
    /// - Parameter arguments: Its path and what follows.
    public init(_ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, arguments[0], &actions, &attributes, words, environ)
        guard code == 0 else { throw SocketFailure(call: "spawn \(arguments[0])", code: code) }
        id = child
    }

    /// Waits for the end.
    /// - Returns: The exit status; -1 after a signal.
    @discardableResult
    public func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    /// Whether it still runs; one that has ended is not to be waited for any more.
    public var isRunning: Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) == 0
    }

    /// Sends SIGTERM and waits.
    public func stop() {
        kill(id, SIGTERM)
        wait()
    }
}
