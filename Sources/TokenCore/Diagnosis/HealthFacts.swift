/// What is known of the scheduled job at one moment, from its journal, the table and the files beside it.

internal import FoundationEssentials

struct HealthFacts: Sendable {
    var now: Date
    var passInterval: Duration
    /// How long a pass may take, until its last answer has been waited for.
    var longestPass: Duration
    var passes: WholePasses
    /// What the last holder of the lock wrote about itself.
    var lockHolder: String?
    var tokens = TokenOutlook()
    var needPerson = 0
    /// Answers that wait for the database.
    var spooled = 0
    /// Answers that the table has refused.
    var refused = 0

    /// What a pass is that was begun and has not come to its end.
    enum UnfinishedPass: Equatable {
        case underWay
        /// Its process is there, and it should have ended long ago.
        case hung(pid: Int32)
        case killed
    }
}

extension HealthFacts {
    /// Without what the table says.
    init(_ configuration: Configuration, database: String, passes: WholePasses, at now: Date) {
        self.init(
            now: now, passInterval: configuration.passInterval,
            longestPass: configuration.maxDuration + configuration.requestTimeout + .seconds(60),
            passes: passes,
            lockHolder: FileLock.lastHolder(FileLock.path(forDatabase: database)))
    }

    /// When the next pass is expected: the last one's beginning plus as many intervals as it takes.
    static func nextPass(after last: Date?, interval: Duration, at now: Date) -> Date {
        guard let last, last <= now else { return now + interval.seconds }
        let passed = (now.timeIntervalSince(last) / interval.seconds).rounded(.down)
        return last + (passed + 1) * interval.seconds
    }

    var nextPass: Date {
        Self.nextPass(after: passes.last?.startedAt, interval: passInterval, at: now)
    }

    /// Nil when the last pass has ended, or none has begun.
    var unfinished: UnfinishedPass? {
        guard let last = passes.last, last.exitCode == nil else { return nil }
        guard let lockHolder else {
            return now < last.startedAt + longestPass.seconds ? .underWay : .killed
        }
        // Whoever has taken the lock since then found it free.
        guard lockHolder.hasSuffix("run \(last.runID)"),
            let pid = FileLock.process(in: lockHolder), FileLock.isRunning(pid)
        else { return .killed }
        return now < last.startedAt + longestPass.seconds ? .underWay : .hung(pid: pid)
    }
}
