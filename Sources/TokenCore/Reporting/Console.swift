/// The two standard streams, and what each may carry: colour only on a terminal, journald's priorities
/// only where journald reads, and a progress line that never gets in the way of other lines.

internal import Glibc
internal import Synchronization

public final class Console: Sendable {
    public enum Priority: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
    }

    public let outIsTerminal: Bool
    public let errorIsTerminal: Bool
    public let style: TextStyle
    private let errorIsJournal: Bool
    private let progress = Mutex(Progress())

    private struct Progress {
        /// What is to be seen; nil when nothing is under way.
        var latest: String?
        /// What stands on the terminal.
        var shown: String?
        var shownAt: ContinuousClock.Instant?
        /// Of the terminal when it was written.
        var columns = 0
    }

    /// A terminal over a slow line must not hold up a pass.
    static let progressInterval = Duration.milliseconds(100)
    private let outError = Mutex<Int32>(0)
    private let warnings = Mutex<Set<String>>([])

    /// - Parameter environment: NO_COLOR, TERM and JOURNAL_STREAM are read from it.
    public init(environment: [String: String]) {
        outIsTerminal = isatty(STDOUT_FILENO) == 1
        errorIsTerminal = isatty(STDERR_FILENO) == 1
        let isPlain = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        style = TextStyle(isColoured: outIsTerminal && !isPlain)
        errorIsJournal = Self.isJournal(environment["JOURNAL_STREAM"])
    }

    /// Whether stderr is the stream that the variable names (systemd.exec(5)): a child may have
    /// inherited the variable and not the stream.
    private static func isJournal(_ stream: String?) -> Bool {
        guard let stream else { return false }
        var information = stat()
        guard fstat(STDERR_FILENO, &information) == 0 else { return false }
        return stream == "\(information.st_dev):\(information.st_ino)"
    }

    public func out(_ line: String) { write("\(line)\n") }

    /// Writes a text that has its own line ends.
    public func write(_ text: String) {
        clearProgress()
        guard outIsOpen else { return }
        let code = Self.write(text, to: STDOUT_FILENO)
        if code != 0 { outError.withLock { $0 = code } }
    }

    /// Whether stdout took all that was written so far.
    public var outIsOpen: Bool { outError.withLock { $0 == 0 } }

    /// Why stdout takes no more; nil also for a reader that went away, which is no failure.
    public var outFailure: SystemError? {
        let code = outError.withLock { $0 }
        return code == 0 || code == EPIPE
            ? nil : SystemError(code: code, action: Self.outAction)
    }

    /// Writes a line that is no use where nobody gets it: a reader that went away, or a stream that was
    /// closed from the start, is a failure too.
    func deliver(_ line: String) throws(SystemError) {
        out(line)
        let code = ProcessSetup.wasClosed(STDOUT_FILENO) ? EBADF : outError.withLock { $0 }
        if code != 0 { throw SystemError(code: code, action: Self.outAction) }
    }

    private static let outAction = "write the output"

    /// The width that lines on stdout may have.
    public var outColumns: Int { outIsTerminal ? Self.columns(of: STDOUT_FILENO) : 120 }

    /// The width at which sentences on stdout are broken; nil where no person reads them.
    var wrapColumns: Int? { outIsTerminal ? outColumns : nil }

    public func error(_ line: String, _ priority: Priority = .error) {
        clearProgress()
        Self.write("\(errorIsJournal ? "<\(priority.rawValue)>" : "")\(line)\n", to: STDERR_FILENO)
    }

    /// Asks a person; the answer stands on the same line.
    func ask(_ question: String) {
        clearProgress()
        Self.write(question, to: STDERR_FILENO)
    }

    /// The same warning may be met at several places of a run.
    public func warnOnce(_ line: String) {
        if warnings.withLock({ $0.insert(line).inserted }) { error(line, .warning) }
    }

    /// Shows a line that the next one replaces; only on a terminal.
    func showProgress(_ line: @autoclosure () -> String) {
        guard errorIsTerminal else { return }
        progress.withLock { progress in
            progress.latest = line()
            if let shownAt = progress.shownAt,
                ContinuousClock.now - shownAt < Self.progressInterval
            {
                return
            }
            Self.draw(&progress)
        }
    }

    /// Brings the line up to date: what came too soon after another one, or on a terminal of another
    /// width, would else stand wrong for as long as the next event takes.
    func refreshProgress() {
        progress.withLock { progress in
            guard progress.latest != nil else { return }
            if progress.shown != progress.latest
                || progress.columns != Self.columns(of: STDERR_FILENO)
            {
                Self.draw(&progress)
            }
        }
    }

    /// Takes the progress line away, until the next one.
    func clearProgress() { progress.withLock { Self.erase(&$0) } }

    /// Takes the progress line away for good.
    func endProgress() {
        progress.withLock { progress in
            progress.latest = nil
            Self.erase(&progress)
        }
    }

    private static func draw(_ progress: inout Progress) {
        erase(&progress)
        let columns = columns(of: STDERR_FILENO)
        let line = String((progress.latest ?? "").prefix(max(0, columns - 1)))
        write("\r\u{1B}[K\(line)", to: STDERR_FILENO)
        progress.shown = progress.latest
        progress.shownAt = .now
        progress.columns = columns
    }

    /// A terminal that became narrower has broken the line into several.
    private static func erase(_ progress: inout Progress) {
        guard let shown = progress.shown else { return }
        let columns = max(1, columns(of: STDERR_FILENO))
        let length = min(shown.count, max(0, progress.columns - 1))
        let rows = max(1, (length + columns - 1) / columns)
        let above = rows > 1 ? "\u{1B}[\(rows - 1)A\u{1B}[J" : "\u{1B}[K"
        write("\r\(above)", to: STDERR_FILENO)
        progress.shown = nil
    }

    /// The width of a terminal, now: it may have been resized.
    private static func columns(of stream: Int32) -> Int {
        var size = winsize()
        guard ioctl(stream, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A reader that went away is no reason to fail: the exit status tells what happened.
    /// - Returns: errno(3) of what could not be written, else 0.
    @discardableResult
    private static func write(_ text: String, to stream: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }
}
