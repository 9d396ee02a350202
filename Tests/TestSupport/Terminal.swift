/// A real terminal: tmux draws what a program prints, as wide as it is, and types what a person would.

internal import FoundationEssentials

public final class Terminal: Sendable {
    private let directory: TemporaryDirectory
    private let tmux: ProgramRunner

    /// Starts a program in a terminal of its own.
    /// - Parameter environment: With a TERM of the caller's choice, else tmux's own.
    public init(
        columns: Int, rows: Int = 40, environment: [String: String], _ command: [String]
    ) async throws {
        directory = try TemporaryDirectory()
        var environment = environment
        environment["PATH"] = environment["PATH"] ?? "/usr/bin:/bin"
        environment["LC_ALL"] = "C.UTF-8"
        environment["TMUX_TMPDIR"] = directory.path
        tmux = ProgramRunner(path: "/usr/bin/tmux", environment: environment)
        try await run(
            ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"]
                // Nothing that ends may take the screen with it.
                + ["/bin/sh", "-c", "\"$@\"; printf '[end %s]\\n' $?; exec cat", "sh"] + command)
    }

    deinit {
        let arguments = ["env", "TMUX_TMPDIR=\(directory.path)", "tmux", "-u", "kill-server"]
        _ = try? ChildProcess(arguments).wait()
    }

    /// Presses keys, by tmux's names for them (`Enter`, `Tab`), or types a text.
    public func press(_ keys: String...) async throws {
        try await run(["send-keys"] + keys)
    }

    /// Makes the window so wide, as a person with a mouse would.
    public func resize(columns: Int) async throws {
        try await run(["resize-window", "-x", "\(columns)"])
    }

    /// The screen once a text is on it.
    /// - Throws: ``ProgramFailure`` with the screen when it does not come.
    @discardableResult
    public func screen(with text: String) async throws -> [String] {
        try await screen { $0.contains { $0.contains(text) } }
    }

    /// The screen once it looks so.
    /// - Throws: ``ProgramFailure`` with the screen when it never does.
    public func screen(where looksSo: ([String]) -> Bool) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let lines = try await screen()
            if looksSo(lines) { return lines }
            guard ContinuousClock.now < deadline else {
                throw ProgramFailure(
                    message: "not what is waited for:\n\(lines.joined(separator: "\n"))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The screen when the program has ended, without the line that says so.
    public func finalScreen() async throws -> [String] {
        let lines = try await screen(with: "[end ")
        return Array(lines.prefix { !$0.hasPrefix("[end ") })
    }

    /// Whether some line was too long for the screen.
    public func hasWrapped() async throws -> Bool {
        try await capture("-pJ") != capture("-p")
    }

    /// The column that the cursor is in, from 0.
    public func cursorColumn() async throws -> Int {
        let text = try await run(["display-message", "-p", "#{cursor_x}"])
        return Int(text.prefix { $0 != "\n" }) ?? -1
    }

    private func screen() async throws -> [String] { try await capture("-p") }

    private func capture(_ options: String) async throws -> [String] {
        let text = try await run(["capture-pane", options])
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    @discardableResult
    private func run(_ arguments: [String]) async throws -> String {
        let result = try await tmux.run(["-u"] + arguments)
        guard result.exitCode == 0 else {
            throw ProgramFailure(message: "tmux: \(result.standardError)")
        }
        return result.standardOutput
    }
}
