/// A cron child inherits odd things: closed standard streams, ignored signals, a wide umask. This
/// file puts them right before anything else runs.

internal import CLinux
internal import Glibc

public enum ProcessSetup {
    /// What there was before any of it; it closes the umask too.
    static let inherited = Inheritance()

    /// Called first in `main`, before any file is opened and any thread is started.
    public static func prepare() {
        _ = inherited
        // One heap for each of five threads holds 5 MB more at 500 requests in flight, and is no faster.
        clinux_limit_heaps(2)
        holdStandardStreams()
        // A reader that went away and a full file system come back as errors, not as signals.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // A parent may have ignored SIGCHLD, and then waitpid(2) fails for every child.
        signal(SIGCHLD, SIG_DFL)
        disableCoreDumps()
        raiseFileLimit()
    }

    /// Each request in flight may need a descriptor of its own, and cron hands over 1024 of them.
    private static func raiseFileLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }

    /// How many connections this process can hold beside its files and threads.
    public static var connectionLimit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1 }
        return max(1, Int(clamping: limit.rlim_cur) - 48)
    }

    /// The environment as it was handed over.
    public static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }

    /// A database must never get descriptor 0, 1 or 2: whatever is printed would land in it.
    private static func holdStandardStreams() {
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) == -1 {
            // open(2) takes the lowest free number, which is this one.
            _ = open("/dev/null", (number == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC)
        }
    }

    /// Whether a standard stream was closed when we started. What we were handed has survived an exec(3),
    /// so only our own stand-ins end with the next one.
    static func wasClosed(_ stream: Int32) -> Bool { fcntl(stream, F_GETFD) & FD_CLOEXEC != 0 }

    /// Core dumps would hold tokens. `PR_SET_DUMPABLE` also closes /proc/PID/mem to others.
    private static func disableCoreDumps() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        // Only root could raise the hard limit again for the command of `exec`.
        if getrlimit(resource, &limit) == 0 {
            limit.rlim_cur = 0
            setrlimit(resource, &limit)
        }
        clinux_forbid_dumps()
    }
}
