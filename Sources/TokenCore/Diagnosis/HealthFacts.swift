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
    /// Why the journal may not know the last passes; those with nothing to do stand in a file of their own.
    var lostNotes: LostNotes?
    var tokens = TokenOutlook()
    var needPerson = 0
    /// Answers that wait for the database.
    var spooled = 0
    /// Answers that the table has refused.
    var refused = 0

    enum LostNotes: Equatable {
        case unreadable(SystemError)
        /// The lock names a later run.
        case missing
    }

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

    /// Longer ago than that, the job is not alive.
    var patience: Double { passInterval.seconds * 2 }

    func isOld(_ date: Date) -> Bool { now.timeIntervalSince(date) > patience }

    /// The scheduled program's run that has taken the lock in the last two intervals.
    var recentRun: String? {
        guard let lockHolder, lockHolder.hasPrefix("maintain-teams,") else { return nil }
        // Times of one form sort as texts.
        guard let since = FileLock.word(after: "since", in: lockHolder),
            since > (now - patience).rfc3339
        else { return nil }
        return FileLock.word(after: "run", in: lockHolder)
    }

    /// Nil when the last pass has ended, or none has begun.
    var unfinished: UnfinishedPass? {
        guard let last = passes.last, last.exitCode == nil else { return nil }
        guard let lockHolder else {
            return now < last.startedAt + longestPass.seconds ? .underWay : .killed
        }
        // Whoever has taken the lock since then found it free.
        guard lockHolder.hasSuffix("run \(last.runID)"),
            let pid = FileLock.process(in: lockHolder), FileLock.isRunning(lockHolder) == true
        else { return .killed }
        return now < last.startedAt + longestPass.seconds ? .underWay : .hung(pid: pid)
    }
}
