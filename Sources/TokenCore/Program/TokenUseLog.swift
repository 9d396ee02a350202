/// A line for each use of a token by a job: who, whose, when. In our log file, else in the system's log.

internal import Glibc
internal import Logging

struct TokenUseLog {
    private let logger: Logger

    /// A file that can't be opened is no reason to leave no trace.
    init(_ configuration: Configuration) {
        let file = try? configuration.logHandler()
        let handler: any LogHandler = file ?? SystemLogHandler()
        logger = Logger(label: "teams-token") { _ in handler }
    }

    /// - Parameter userID: Whose token it is.
    func note(_ userID: UserID, provider: String, command: String) {
        logger.notice(
            "access token used",
            metadata: [
                "user": "\(userID)", "provider": "\(provider)", "command": "\(command)",
                "uid": "\(getuid())", "parent": "\(Self.parent)",
            ])
    }

    /// Who started us, as `php-fpm(4711)`.
    private static var parent: String {
        let id = getppid()
        let name = (try? FilePaths.contents(of: "/proc/\(id)/comm")) ?? []
        return "\(String(decoding: name.prefix { $0 != 0x0A }, as: UTF8.self))(\(id))"
    }
}
