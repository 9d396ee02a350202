/// What a program reads as its standard input: nothing, a pipe, or a terminal with somebody at it.

internal import Foundation
internal import Glibc

final class ProgramInput: Sendable {
    private let ours: Int32
    private let theirs: Int32
    private let bytes: [UInt8]
    private let staysOpen: Bool

    init(_ input: ProgramRunner.Input) throws {
        switch input {
        case .nothing:
            (ours, theirs) = (-1, Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC))
            (bytes, staysOpen) = ([], false)
        case .closed:
            (ours, theirs, bytes, staysOpen) = (-1, -1, [], false)
        case .pipe(let content):
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
            (ours, theirs) = (ends[1], ends[0])
            (bytes, staysOpen) = (content, false)
        case .typed(let text):
            (ours, theirs) = try PseudoTerminal.open(columns: 80)
            (bytes, staysOpen) = (Array(text.utf8), true)
        }
    }

    func add(to actions: inout posix_spawn_file_actions_t) {
        if theirs < 0 {
            posix_spawn_file_actions_addclose(&actions, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO)
        }
    }

    /// Hands over what is to be read; a program that stops reading is no failure of the test.
    func feed() {
        if theirs >= 0 { Glibc.close(theirs) }
        guard ours >= 0 else { return }
        Thread.detachNewThread { [self] in
            signal(SIGPIPE, SIG_IGN)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(ours, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            if !staysOpen { Glibc.close(ours) }
        }
    }

    func close() { if staysOpen { Glibc.close(ours) } }
}

enum PseudoTerminal {
    /// grantpt(3) and its kin, in the kernel's own words (ioctl_tty(2)).
    static func open(columns: UInt16) throws -> (ours: Int32, theirs: Int32) {
        let ours = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (unlocked, pair): (Int32, UInt32) = (0, 0)
        guard ioctl(ours, 0x4004_5431, &unlocked) == 0, ioctl(ours, 0x8004_5430, &pair) == 0
        else { throw POSIXError(.ENODEV) }
        let theirs = Glibc.open("/dev/pts/\(pair)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(theirs, UInt(TIOCSWINSZ), &size)
        return (ours, theirs)
    }
}
