/// What this process was handed and ``ProcessSetup`` changes: a program that takes our place gets it back.

internal import Glibc

struct Inheritance: Sendable {
    private let fileMask: mode_t
    private let blockedSignals: sigset_t
    /// Of the signals that we treat in our own way; a handler never outlives exec(3).
    private let ignoredSignals: [Int32]
    private let limits: [(resource: __rlimit_resource_t, value: rlimit)]

    private static let signals = [SIGPIPE, SIGXFSZ, SIGCHLD]
    private static let resources = [RLIMIT_CORE, RLIMIT_NOFILE]

    init() {
        // There is no way to read it but to set it.
        fileMask = umask(0o077)
        var blocked = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &blocked)
        blockedSignals = blocked
        ignoredSignals = Self.signals.filter(TerminationSignals.isIgnored)
        limits = Self.resources.compactMap { resource in
            let resource = __rlimit_resource_t(resource.rawValue)
            var value = rlimit()
            return getrlimit(resource, &value) == 0 ? (resource, value) : nil
        }
    }

    /// Gives it back; signals are those of the calling thread.
    func restore() {
        umask(fileMask)
        for (resource, value) in limits {
            var value = value
            setrlimit(resource, &value)
        }
        for number in Self.signals {
            signal(number, ignoredSignals.contains(number) ? SIG_IGN : SIG_DFL)
        }
        var blocked = blockedSignals
        pthread_sigmask(SIG_SETMASK, &blocked, nil)
    }
}
