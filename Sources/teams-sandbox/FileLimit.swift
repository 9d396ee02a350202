import Glibc

/// The number of open files, and so of connections: 1,024 by default on Debian, far more on request.
enum FileLimit {
    /// Raises the soft limit to the hard one; where that is refused the old one has to do.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
