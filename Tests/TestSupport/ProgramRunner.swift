/// Runs a built program as a script would, with nothing of this process's own environment.

internal import Foundation
internal import Glibc
internal import Synchronization

/// What a program left behind.
public struct ProgramResult: Equatable, Sendable {
    public let standardOutput: String
    public let standardError: String
    /// Of a program that ended by itself, else nil.
    public let exitCode: Int32?
    /// Of a program that died by one, else nil.
    public let signal: Int32?

    /// The lines on stderr.
    public var errorLines: [String] { standardError.split(separator: "\n").map(String.init) }
}

public struct ProgramRunner: Sendable {
    /// Where a stream of the program goes.
    public enum Stream: Sendable {
        case captured
        /// A pseudoterminal of so many columns; what is printed there is captured too.
        case terminal(columns: UInt16)
        case file(String)
        case closed
    }

    /// Variables that the program gets, and no others.
    public var environment: [String: String]
    public var output = Stream.captured
    public var error = Stream.captured
    /// A program that becomes this one, with its arguments, for example `setpriv --reuid 65534`.
    public var launcher: [String] = []
    /// Shell commands for the process that becomes the program, as `ulimit -f 100`.
    public var prelude = ":"

    /// What the program's standard input is.
    public enum Input: Sendable {
        case nothing
        /// None at all.
        case closed
        /// A pipe that holds so much and then ends.
        case pipe([UInt8])
        /// A pseudoterminal at which somebody has typed this.
        case typed(String)
    }

    public var input = Input.nothing
    public let path: String

    /// - Parameter program: The name of a product; the tests that depend on it find it beside them.
    public init(_ program: String, environment: [String: String]) {
        self.init(path: Project.products + "/" + program, environment: environment)
    }

    /// - Parameter path: Of any program.
    public init(path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    /// Runs the program to its end.
    public func run(_ arguments: String...) async throws -> ProgramResult {
        try await run(arguments)
    }

    public func run(_ arguments: [String]) async throws -> ProgramResult {
        try await start(arguments).ended()
    }

    /// Starts the program and leaves it running.
    public func start(_ arguments: [String]) throws -> RunningProgram {
        try Self.oneAtATime.withLock { _ in try spawn(arguments) }
    }

    /// A pipe that another program inherits between pipe(2) and fcntl(2) ends only with that program.
    private static let oneAtATime = Mutex(())

    private func spawn(_ arguments: [String]) throws -> RunningProgram {
        let (output, error) = (try Sink(output, STDOUT_FILENO), try Sink(error, STDERR_FILENO))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let source = try ProgramInput(input)
        source.add(to: &actions)
        output.add(to: &actions)
        error.add(to: &actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever the test process ignores or blocks is no business of the program.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        // Like cron's child in a strange place; the shell becomes the program, one process.
        let shell = ["/bin/sh", "-c", "cd / && \(prelude) && exec \"$@\"", "sh"]
        let words = (shell + launcher + [path] + arguments).map { strdup($0) }
        let variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(
            &child, "/bin/sh", &actions, &attributes, words + [nil], variables + [nil])
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        output.closeOtherSide()
        error.closeOtherSide()
        source.feed()
        return RunningProgram(identifier: child, source: source, output: output, error: error)
    }
}

/// A program under way.
public struct RunningProgram: Sendable {
    public let identifier: Int32
    fileprivate let source: ProgramInput
    fileprivate let output: Sink
    fileprivate let error: Sink

    public func send(_ signal: Int32) { kill(identifier, signal) }

    /// Whether a signal has been sent and not been taken yet (proc(5): ShdPnd).
    public func hasPending(_ number: Int32) -> Bool {
        let status =
            (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
        let mask = line.flatMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) } ?? 0
        return mask & 1 << (UInt64(number) - 1) != 0
    }

    /// Waits for its end; to be called once.
    public func ended() async -> ProgramResult {
        await withCheckedContinuation { continuation in
            // waitpid(2) blocks, and the cooperative pool must not.
            Thread.detachNewThread {
                let standardError = Collector(error)
                let standardOutput = output.contents()
                var status: Int32 = 0
                while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
                source.close()
                let signal = status & 0x7F
                continuation.resume(
                    returning: ProgramResult(
                        standardOutput: standardOutput, standardError: standardError.contents(),
                        exitCode: signal == 0 ? status >> 8 & 0xFF : nil,
                        signal: signal == 0 ? nil : signal))
            }
        }
    }
}

/// Reads a stream beside another, so that a program that fills one never waits for us.
private final class Collector: Sendable {
    private let text = Mutex("")
    private let done = DispatchSemaphore(value: 0)

    init(_ sink: Sink) {
        Thread.detachNewThread { [self] in
            let contents = sink.contents()
            text.withLock { $0 = contents }
            done.signal()
        }
    }

    func contents() -> String {
        done.wait()
        return text.withLock { $0 }
    }
}

/// The end of a stream that this process holds.
private struct Sink: Sendable {
    /// To be read to its end; -1 for a stream that is not captured.
    let ours: Int32
    /// The program's end; -1 for one that stays closed.
    let theirs: Int32
    let number: Int32

    init(_ stream: ProgramRunner.Stream, _ number: Int32) throws {
        self.number = number
        switch stream {
        case .captured:
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
            (ours, theirs) = (ends[0], ends[1])
        case .terminal(let columns):
            (ours, theirs) = try PseudoTerminal.open(columns: columns)
        case .file(let path):
            ours = -1
            theirs = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        case .closed: (ours, theirs) = (-1, -1)
        }
    }

    func add(to actions: inout posix_spawn_file_actions_t) {
        if theirs < 0 {
            posix_spawn_file_actions_addclose(&actions, number)
        } else {
            posix_spawn_file_actions_adddup2(&actions, theirs, number)
        }
    }

    func closeOtherSide() { if theirs >= 0 { close(theirs) } }

    /// All that the program writes until nobody holds the other end.
    func contents() -> String {
        guard ours >= 0 else { return "" }
        defer { close(ours) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(ours, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // A terminal whose last program ended says EIO.
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        // The terminal's own line discipline (ONLCR).
        return isTerminal
            ? text.split(separator: "\r\n", omittingEmptySubsequences: false).joined(
                separator: "\n") : text
    }

    private var isTerminal: Bool { isatty(ours) == 1 }
}

public struct ProgramFailure: Error {
    public let message: String

    public init(message: String) { self.message = message }
}
