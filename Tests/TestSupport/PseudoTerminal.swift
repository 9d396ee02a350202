/// A terminal for a program to write to, as wide as a test wants it (pty(7)).

internal import Foundation
internal import Glibc
internal import Synchronization

final class PseudoTerminal: Sendable {
    /// The program's end.
    let path: String
    private let ours: Int32
    /// Held until the program has the other end: without any, ours reads as ended.
    private let theirs: Int32
    private let text = Mutex("")
    private let ended = DispatchSemaphore(value: 0)

    init(columns: UInt16) throws {
        ours = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // grantpt(3) and its kin, in the kernel's own words (ioctl_tty(2)): TIOCSPTLCK, TIOCGPTN.
        var (unlocked, number): (Int32, UInt32) = (0, 0)
        guard ioctl(ours, 0x4004_5431, &unlocked) == 0, ioctl(ours, 0x8004_5430, &number) == 0
        else {
            throw ProgramFailure(message: "no pseudoterminal: \(String(cString: strerror(errno)))")
        }
        path = "/dev/pts/\(number)"
        theirs = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(theirs, UInt(TIOCSWINSZ), &size)
    }

    deinit { close(ours) }

    /// Reads beside the program, so that it never waits for us.
    func collect() {
        close(theirs)
        Thread.detachNewThread { [self] in
            let contents = read()
            text.withLock { $0 = contents }
            ended.signal()
        }
    }

    /// All that the program wrote, after its end.
    func contents() -> String {
        ended.wait()
        return text.withLock { $0 }
    }

    private func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(ours, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // A terminal whose last program ended says EIO.
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        // The terminal's own line discipline turns LF into CR LF (ONLCR).
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }
}
