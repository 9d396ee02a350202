/// A failed system call: which one, on what, and what errno said.

internal import Glibc

public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The value of `errno`, see errno(3).
    public let code: Int32
    /// What was tried, for example `open /var/lib/maintain-teams/teams.sqlite3`.
    public let action: String

    public init(code: Int32, action: String) {
        self.code = code
        self.action = action
    }

    /// The error of the call that has just failed.
    static func last(_ action: String) -> SystemError {
        SystemError(code: errno, action: action)
    }

    public var isPermission: Bool { code == EACCES || code == EPERM }
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    var isReadOnly: Bool { code == EROFS }
    var isFull: Bool { code == ENOSPC || code == EDQUOT }
    /// Of a link that was not to be followed.
    var isLink: Bool { code == ELOOP }

    public var description: String { "\(action): \(reason)" }

    /// The system's own words for the error.
    public var reason: String { String(cString: strerror(code)) }
}
