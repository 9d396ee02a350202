/// The one table of exit statuses. Codes, names, JSON results, Nagios states and the manual come from
/// here, and a test keeps them equal.

public enum ExitStatus: Equatable, Sendable {
    case ok
    case `internal`
    case reauth
    case busy
    case reauthAndTransient
    case usage
    case database
    case transient
    case permission
    case config
    /// Ended by a signal: the process dies by it, and JSON says 128 + its number.
    case interrupted(Int32)
    /// What `exec` could not run. Not in the table, since the codes of `exec` are those of its command, and
    /// these two are a shell's (POSIX.1, 2.8.2).
    case commandNotExecutable
    case commandNotFound
    /// The state of a Nagios plugin, whose codes are 0 to 3 and no others.
    case nagios(NagiosState)

    public struct Row: Equatable, Sendable {
        public let status: ExitStatus
        public let code: Int32
        /// As it stands in the first line on stderr.
        public let name: String
        /// As it stands in JSON's `result`.
        public let result: String
        /// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (Monitoring Plugins development guidelines).
        public let nagios: Int32
        public let meaning: String
    }

    public static let table: [Row] = [
        Row(
            status: .ok, code: 0, name: "OK", result: "ok", nagios: 0,
            meaning: "all that was due was refreshed, or nothing was due"),
        Row(
            status: .internal, code: 1, name: "INTERNAL", result: "internal", nagios: 3,
            meaning: "a bug, or something unclassified"),
        Row(
            status: .reauth, code: 10, name: "REAUTH", result: "reauth", nagios: 1,
            meaning: "the pass is complete; at least one connection needs a person"),
        Row(
            status: .busy, code: 11, name: "BUSY", result: "busy", nagios: 0,
            meaning: "another pass holds the lock"),
        Row(
            status: .reauthAndTransient, code: 12, name: "REAUTH+TRANSIENT",
            result: "reauth+transient", nagios: 1, meaning: "10 and 75 both apply"),
        Row(
            status: .usage, code: 64, name: "USAGE", result: "usage", nagios: 3,
            meaning: "bad options or arguments"),
        Row(
            status: .database, code: 74, name: "DATABASE", result: "database", nagios: 3,
            meaning:
                "the database can't be opened, read, written or understood, or tokens could not be stored"
        ),
        Row(
            status: .transient, code: 75, name: "TRANSIENT", result: "transient", nagios: 1,
            meaning: "something due was not refreshed now and may succeed later"),
        Row(
            status: .permission, code: 77, name: "PERMISSION", result: "permission", nagios: 3,
            meaning: "a secret, config file or database is unreadable, or open to others"),
        Row(
            status: .config, code: 78, name: "CONFIG", result: "config", nagios: 3,
            meaning: "configuration missing or wrong, or the application itself was refused"),
    ]

    /// The status of a finished pass: the first that applies of signal, 74, 78, 12, 10, 75, 0.
    public init(_ report: PassReport) {
        let counts = report.counts
        let needsPerson = counts.reauthRequired + counts.consentRequired > 0
        let maySucceedLater =
            counts.transient + counts.throttled + counts.rejected + counts.deferred
            + counts.malformed + counts.backingOff + report.apiTest.unauthorized
            + report.apiTest.throttled + report.apiTest.error > 0
        switch report.stop {
        case _ where report.isDryRun: self = .ok
        case .signal(let number): self = .interrupted(number)
        case .database: self = .database
        case .application: self = .config
        case _ where report.blamesApplication: self = .config
        default: self.init(needsPerson: needsPerson, maySucceedLater: maySucceedLater)
        }
    }

    /// The status that counts of several connections: what concerns all of them first, then as a pass.
    init(ofAll statuses: [ExitStatus]) {
        let first = [.usage, .permission, .database, .busy, .config].first(where: statuses.contains)
        self =
            first
            ?? ExitStatus(
                needsPerson: statuses.contains(.reauth),
                maySucceedLater: statuses.contains(.transient))
    }

    private init(needsPerson: Bool, maySucceedLater: Bool) {
        self =
            switch (needsPerson, maySucceedLater) {
            case (true, true): .reauthAndTransient
            case (true, false): .reauth
            case (false, true): .transient
            case (false, false): .ok
            }
    }

    public var row: Row {
        switch self {
        case .interrupted(let number):
            Row(
                status: self, code: 128 + number, name: "INTERRUPTED", result: "interrupted",
                nagios: 3, meaning: "ended by a signal")
        case .commandNotExecutable:
            Row(
                status: self, code: 126, name: "COMMAND", result: "command", nagios: 3,
                meaning: "the command can't be executed")
        case .commandNotFound:
            Row(
                status: self, code: 127, name: "COMMAND", result: "command", nagios: 3,
                meaning: "there is no such command")
        case .nagios(let state):
            Row(
                status: self, code: state.rawValue, name: state.name, result: "nagios",
                nagios: state.rawValue, meaning: "the state of a Nagios plugin")
        default: Self.table.first { $0.status == self } ?? Self.table[1]
        }
    }

    public var code: Int32 { row.code }
    public var name: String { row.name }

    /// Who reads the code of a dead process sees 128 plus the number; we die by the signal itself.
    public var signal: Int32? {
        if case .interrupted(let number) = self { number } else { nil }
    }
}

extension PassReport {
    /// Also where those whom it was refused for stand at an older verdict.
    fileprivate var blamesApplication: Bool {
        counts.configuration > 0 || problems.contains { $0.cause == .verdict(.configuration) }
    }
}
