/// A signal from one thread to another, as a file descriptor that a poll can watch too.

internal import CLinux
internal import Glibc

/// eventfd(2): what a thread can sleep on until another one signals.
final class WakeUp: Sendable {
    let number = clinux_eventfd()

    deinit { if isOpen { close(number) } }

    /// False when the process had no descriptor left for it.
    var isOpen: Bool { number >= 0 }

    func signal() {
        var one: UInt64 = 1
        _ = write(number, &one, 8)
    }

    /// Waits for at least one signal since the last wait.
    func wait() {
        var count: UInt64 = 0
        while read(number, &count, 8) < 0, errno == EINTR {}
    }
}
