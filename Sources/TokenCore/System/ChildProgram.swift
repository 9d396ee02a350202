/// Another program, run to its end and no longer than that: no shell, its own process group, an
/// environment of its own, and an input that it may read or not.

internal import CLinux
internal import Glibc

public struct ChildProgram: Sendable {
    public let path: String
    public let environment: [String: String]
    /// From its start to the signal that ends it.
    public let limit: Duration
    /// From SIGTERM to SIGKILL.
    public let grace: Duration

    public init(
        path: String, environment: [String: String], limit: Duration, grace: Duration = .seconds(2)
    ) {
        self.path = path
        self.environment = environment
        self.limit = limit
        self.grace = grace
    }

    public enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        case timedOut
    }

    /// Runs the program with `input` on its stdin and nothing on its stdout and stderr, on a thread of
    /// its own.
    /// - Throws: ``SystemError`` when it can't be started.
    public func run(input: [UInt8]) async throws(SystemError) -> Ending {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Ending, SystemError>, Never>) in
            Thread.start(named: "child") {
                do throws(SystemError) {
                    continuation.resume(returning: .success(try runBlocking(input)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func runBlocking(_ input: [UInt8]) throws(SystemError) -> Ending {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("make a pipe") }
        // Nobody else starts a program meanwhile, who would inherit them.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var writer = ends[1]
        defer { if writer >= 0 { close(writer) } }
        let pid = try spawn(consumingInput: ends[0])
        _ = fcntl(writer, F_SETFL, O_NONBLOCK)
        let deadline = ContinuousClock.now + limit
        var rest = input[...]
        while true {
            if let ending = reap(pid) { return ending }
            guard ContinuousClock.now < deadline else { return end(pid) }
            if writer >= 0, Self.feed(writer, &rest) {
                close(writer)
                writer = -1
            }
            var room = pollfd(fd: writer, events: Int16(POLLOUT), revents: 0)
            // There is no portable way to sleep on a child and on a pipe at once; without a writer
            // poll(2) only sleeps.
            poll(&room, 1, 10)
        }
    }

    /// Writes what there is room for.
    /// - Returns: Whether there is nothing left to write, or nobody left to read.
    private static func feed(_ writer: Int32, _ rest: inout ArraySlice<UInt8>) -> Bool {
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return errno != EAGAIN
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func reap(_ pid: pid_t) -> Ending? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        // wait(2): the low seven bits are the signal, the next eight the exit code.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// Ends the whole process group, politely first.
    private func end(_ pid: pid_t) -> Ending {
        kill(-pid, SIGTERM)
        let deadline = ContinuousClock.now + grace
        var isGone = false
        while !isGone, ContinuousClock.now < deadline {
            usleep(10_000)
            isGone = reap(pid) != nil
        }
        // Also to those that the program has left behind.
        kill(-pid, SIGKILL)
        if !isGone {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        return .timedOut
    }

    /// - Parameter input: Becomes the program's stdin, and is closed here.
    private func spawn(consumingInput input: Int32) throws(SystemError) -> pid_t {
        defer { close(input) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        // Our own are close-on-exec; those of libraries and of whoever started us need not be.
        clinux_close_from(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we ignore and block is our own affair.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw SystemError(code: code, action: "run \(path)") }
        return pid
    }
}
