/// The words of a pass: the first line on stderr, the lines of its problems, the report for a terminal.

internal import FoundationEssentials

public struct PassText: Sendable {
    let program: String
    let status: ExitStatus
    let report: PassReport
    let remedies: Remedies

    public init(program: String, status: ExitStatus, report: PassReport, remedies: Remedies) {
        self.program = program
        self.status = status
        self.report = report
        self.remedies = remedies
    }

    /// `maintain-teams: REAUTH (10): ` and what happened. A single problem stands in it whole.
    public func firstLine(of problems: [Problem]) -> String {
        let groups = ProblemGroup.grouping(problems)
        let words: String
        if groups.count == 1, let only = groups.first {
            words = "\(only.sentence); \(only.remedy(remedies))"
        } else {
            words = summary
        }
        return "\(program): \(status.name) (\(status.code)): \(words)"
    }

    /// The lines under the first one; none when that says it all.
    public func problemLines(_ problems: [Problem]) -> [String] {
        let groups = ProblemGroup.grouping(problems)
        guard groups.count > 1 else { return [] }
        return groups.map { "  \($0.sentence); \($0.remedy(remedies))" }
    }

    /// For a person at a terminal: causes first, totals last.
    /// - Parameter width: Of the terminal; nil for a program, which wants a sentence in a line.
    func report(_ problems: [Problem], style: TextStyle, width: Int? = nil) -> [String] {
        var lines: [String] = []
        for planned in report.plan {
            lines.append(
                "would refresh user \(planned.id.userID.description.sanitized(limit: 64)): \(planned.reason)"
            )
        }
        for group in ProblemGroup.grouping(problems) {
            let heading =
                style.bold(group.first.cause.words) + (group.users.map { ": \($0)" } ?? "")
            lines.append(heading.wrapped(to: width, indent: 2))
            lines += [
                "  why     \(group.first.refusal.message.sanitized())",
                "  who     \(group.first.who.words)",
                "  remedy  \(group.remedy(remedies))",
            ].map { $0.wrapped(to: width, indent: 10) }
        }
        lines.append(totals(style: style).wrapped(to: width, indent: 2))
        return lines
    }

    /// What the pass came to in one clause.
    private var summary: String {
        let counts = report.counts
        let people = counts.reauthRequired + counts.consentRequired
        var parts: [String] = []
        if case .database = report.stop { parts.append("received tokens could not all be stored") }
        if counts.configuration > 0 { parts.append("the application itself was refused") }
        if people > 0 {
            parts.append(people.counting("connection needs a person", "connections need a person"))
        }
        let later =
            counts.transient + counts.throttled + counts.rejected + counts.deferred
            + counts.backingOff + counts.malformed
        if later > 0 { parts.append("\(later) not refreshed now") }
        let api = report.apiTest.unauthorized + report.apiTest.error + report.apiTest.throttled
        if api > 0 { parts.append("\(api) failed the API test") }
        if case .signal = report.stop { parts.append("ended by a signal") }
        parts.append("\(counts.refreshed) of \(counts.due) due refreshed")
        return parts.joined(separator: ", ")
    }

    /// `18 of 20 due refreshed; 140 connections, 120 not due; 1.8 s`
    private func totals(style: TextStyle) -> String {
        let counts = report.counts
        var parts: [String] = []
        if report.isDryRun {
            parts.append("dry run: \(report.plan.count) would be refreshed, \(counts.due) due")
        } else if counts.due == 0 {
            parts.append("nothing was due")
        } else {
            parts.append("\(counts.refreshed) of \(counts.due) due refreshed")
        }
        if let connections = counts.connections, let fresh = counts.fresh {
            parts.append("\(connections.counting("connection")), \(fresh) not due")
        }
        if counts.noRefreshToken > 0 {
            parts.append("\(counts.noRefreshToken) without refresh token")
        }
        if counts.atRisk > 0 {
            parts.append("\(counts.atRisk.counting("expires", "expire")) before the next pass")
        }
        let api = report.apiTest
        if api != APITestCounts() {
            parts.append(
                "API test: \(api.ok) ok, \(api.unauthorized + api.forbidden + api.throttled + api.error) not"
            )
        }
        let seconds = report.finishedAt.timeIntervalSince(report.startedAt)
        parts.append("\((seconds * 10).rounded() / 10) s")
        let line = parts.joined(separator: "; ")
        return status == .ok ? style.green(line) : style.yellow(line)
    }
}

/// Bold and colours where they are wanted, plain text elsewhere.
public struct TextStyle: Sendable {
    let isColoured: Bool

    public init(isColoured: Bool) { self.isColoured = isColoured }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
