/// One pass at a time: flock(2) on a persistent file beside the database. The kernel frees the lock
/// when its holder dies, so there is never a stale lock and never a file to delete.

internal import FoundationEssentials
internal import Glibc

public struct FileLock: Sendable {
    private let file: FileDescriptor

    /// What became of an attempt to take the lock.
    public enum Acquisition: Sendable {
        case acquired(FileLock)
        /// The holder's own words about itself, for example `pid 4711 since 12:00:03Z`. Empty, or those of an
        /// earlier holder, where it has written none.
        case held(by: String)
    }

    /// The lock file of a database.
    /// - Parameter database: The real path of the database, so that links share one lock.
    public static func path(forDatabase database: String) -> String {
        "\(database).maintain-teams.lock"
    }

    /// Takes the lock without waiting.
    /// - Parameters:
    ///   - database: The database that the lock guards; the lock file takes its owner and mode.
    ///   - holder: One line that tells others who holds the lock.
    /// - Throws: ``SystemError`` when the lock file can't be opened or locked; a symbolic link is
    ///   refused, since root would write to whatever it names and give that away.
    public static func acquire(
        _ path: String, like database: FileStatus, holder: String
    ) throws(SystemError) -> Acquisition {
        let file = try FileDescriptor(ordinaryFile: path, flags: O_RDWR | O_CREAT)
        while flock(file.number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw .last("lock \(path)") }
            let words = try file.read(count: 200, at: 0)
            let line = String(decoding: words.prefix { $0 != 0x0A }, as: UTF8.self)
            return .held(by: line.sanitized())
        }
        try file.adoptAccess(of: database)
        try file.truncate(to: 0)
        try file.write(Array("\(holder)\n".utf8), at: 0)
        return .acquired(FileLock(file: file))
    }

    /// What the last holder wrote about itself; nil when that can't be read. Looks without locking: who
    /// took the lock only to look would be in the way of a pass.
    static func lastHolder(_ path: String) -> String? {
        guard let bytes = try? FilePaths.contents(of: path) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self).sanitized()
    }

    /// The process that a holder's words name, as `maintain-teams, pid 4711, since …`; nil where they name
    /// none.
    static func process(in words: String) -> Int32? {
        word(after: "pid", in: words).flatMap(Int32.init).flatMap { $0 > 0 ? $0 : nil }
    }

    /// What a holder's words say of `pid`, `since` or `run`.
    static func word(after name: String, in words: String) -> String? {
        let parts = words.split { $0 == " " || $0 == "," }
        guard let place = parts.firstIndex(where: { $0 == name }), place + 1 < parts.endIndex
        else { return nil }
        return String(parts[place + 1])
    }

    /// Whether the process that a holder's words name still runs; nil where they name none. Numbers are given
    /// anew, after a restart of the machine to others at once: one that began after the words were written
    /// is somebody else.
    static func isRunning(_ words: String) -> Bool? {
        guard let process = process(in: words) else { return nil }
        guard kill(process, 0) == 0 || errno == EPERM else { return false }
        guard let since = word(after: "since", in: words), let started = startTime(of: process)
        else { return true }
        // A clock may have been set by a minute meanwhile; times of one form sort as texts.
        return (started - 60).rfc3339 <= since
    }

    /// Field 22 of /proc/PID/stat, in ticks since the machine was started (proc(5)).
    private static func startTime(of process: Int32) -> Date? {
        guard let bytes = try? FilePaths.contents(of: "/proc/\(process)/stat"),
            // The name before it may hold anything.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = Double(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        let age = Double(uptime.tv_sec) - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        return Date() - age
    }

    /// Frees the lock before its value goes away.
    public func release() {
        flock(file.number, LOCK_UN)
    }
}
