/// What a look at one thing came to: what was seen, why it matters, and the command that mends it.

struct CheckupFinding: Equatable, Sendable {
    enum Severity: Equatable, Sendable {
        /// As it should be.
        case ok
        /// Worth knowing; nothing is wrong.
        case note
        /// Works now, and will not for ever or not for everybody.
        case warning
        /// Makes passes fail, with this status.
        case problem(ExitStatus)

        var name: String {
            switch self {
            case .ok: "ok"
            case .note: "note"
            case .warning: "warning"
            case .problem: "problem"
            }
        }

        var rank: Int {
            switch self {
            case .ok: 0
            case .note: 1
            case .warning: 2
            case .problem: 3
            }
        }
    }

    /// What was looked at; a contract in JSON.
    enum Check: String, Sendable {
        case configuration, schedule, machine, library, files, database, table, rows, spool, passes,
            network
    }

    let check: Check
    let severity: Severity
    let seen: String
    let why: String?
    let remedy: String?

    init(
        _ check: Check, _ severity: Severity, _ seen: String, why: String? = nil,
        remedy: String? = nil
    ) {
        self.check = check
        self.severity = severity
        self.seen = seen
        self.why = why
        self.remedy = remedy
    }
}

extension CheckupFinding {
    /// A sentence of another part of the program, with the way out behind its last semicolon.
    init(_ check: Check, _ severity: Severity, sentence: String, why: String? = nil) {
        let parts = sentence.split(separator: ";")
        guard parts.count > 1, let last = parts.last else {
            self.init(check, severity, sentence, why: why)
            return
        }
        self.init(
            check, severity, parts.dropLast().joined(separator: ";"), why: why,
            remedy: last.trimmed)
    }
}
