/// Runs a built program as cron does: its own environment and nothing else, `/` as working directory, no
/// standard input; and hands back everything that can be seen of it.

public import Foundation
internal import Glibc

public struct ProgramResult: Sendable {
    public let standardOutput: String
    public let standardError: String
    /// The exit code; 128 plus the signal's number for a program that died by one.
    public let exitCode: Int32

    /// The lines on stderr.
    public var errorLines: [String] {
        standardError.split(separator: "\n").map(String.init)
    }
}

public struct ProgramRunner: Sendable {
    public let executable: String
    public var environment: [String: String]
    /// Starts the program with stdin, stdout and stderr closed.
    public var closesStreams = false
    /// Where stdout goes.
    public var output = Output.captured

    public enum Output: Sendable {
        case captured
        /// A pseudoterminal of so many columns; what is printed there is captured too.
        case terminal(columns: UInt16)
        /// A file, for example `/dev/full`.
        case file(String)
    }

    /// - Parameter program: The name of a product, found beside the test bundle.
    public init(_ program: String, environment: [String: String] = [:]) {
        executable = Self.productDirectory + "/" + program
        self.environment = environment
    }

    private static let productDirectory: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }()

    /// Runs to the end.
    public func run(_ arguments: String...) async throws -> ProgramResult {
        try await run(arguments)
    }

    public func run(_ arguments: [String]) async throws -> ProgramResult {
        try await start(arguments).wait()
    }

    /// Starts and does not wait.
    public func start(_ arguments: [String]) throws -> RunningProgram {
        let directory = try TemporaryDirectory()
        var terminal: PseudoTerminal?
        if case .terminal(let columns) = output { terminal = try PseudoTerminal(columns: columns) }
        let (out, error) = (directory.file("out"), directory.file("error"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if closesStreams {
            for number: Int32 in 0...2 { posix_spawn_file_actions_addclose(&actions, number) }
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            if let terminal {
                posix_spawn_file_actions_addopen(&actions, 1, terminal.path, O_RDWR | O_NOCTTY, 0)
            } else if case .file(let path) = output {
                posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY, 0)
            } else {
                posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT, 0o600)
            }
            posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT, 0o600)
        }
        // The shell only changes the directory and becomes the program: one process, one identifier.
        let shell = ["/bin/sh", "-c", "cd / && exec \"$0\" \"$@\"", executable]
        var words = (shell + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, "/bin/sh", &actions, nil, &words, &variables)
        guard code == 0 else {
            throw ProgramFailure(message: "\(executable): \(String(cString: strerror(code)))")
        }
        terminal?.collect()
        return RunningProgram(process: process, directory: directory, terminal: terminal)
    }
}

public struct ProgramFailure: Error {
    public let message: String

    public init(message: String) { self.message = message }
}

/// A program under way.
public struct RunningProgram: Sendable {
    public let process: pid_t
    fileprivate let directory: TemporaryDirectory
    fileprivate let terminal: PseudoTerminal?

    public func signal(_ number: Int32) { kill(process, number) }

    /// Whether a signal has been sent and not been taken yet (proc(5): ShdPnd).
    public func hasPending(_ number: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
        let mask = line.flatMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) } ?? 0
        return mask & 1 << (UInt64(number) - 1) != 0
    }

    /// Waits for the end on a thread of its own, so that other tests go on.
    public func wait() async -> ProgramResult {
        let process = process
        let status: Int32 = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        let died = status & 0x7F
        return ProgramResult(
            standardOutput: terminal?.contents() ?? text("out"), standardError: text("error"),
            exitCode: died == 0 ? status >> 8 & 0xFF : 128 + died)
    }

    private func text(_ name: String) -> String {
        String(decoding: directory.contents(name) ?? [], as: UTF8.self)
    }
}
