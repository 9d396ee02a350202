/// Health in words: lines for a person, a document for programs, one line for Nagios.

internal import FoundationEssentials

extension HealthReport {
    /// Each finding with its remedy, worst first.
    func lines(width: Int, style: TextStyle) -> [String] {
        findings.flatMap { finding in
            LabelledText(
                label: finding.state.name, paint: finding.state.painter(style),
                paragraphs: [finding.message, finding.remedy].compactMap { $0 }
            ).lines(labelWidth: 8, width: width)
        }
    }

    /// The line that a failure begins with: the worst of those that make the exit status.
    var firstSentence: String {
        sentence(of: findings.first { $0.status == status } ?? findings.first)
    }

    private func sentence(of finding: HealthFinding?) -> String {
        guard let finding else { return "nothing is known" }
        let others = findings.count { $0.state != .ok } - 1
        return others > 0 ? "\(finding.message) (and \(others) more)" : finding.message
    }

    var json: JSON {
        .members([
            ("schema", .integer(1)), ("state", .string(state.name.lowercased())),
            ("result", .string(status.row.result)), ("exit_code", .integer(Int64(status.code))),
            ("checked_at", .time(facts.now)),
            ("expected_interval_seconds", .integer(Int64(facts.passInterval.seconds))),
            ("last_pass", facts.passes.lastFinished.map(Self.json) ?? .null),
            ("last_success_at", .time(facts.passes.lastSuccess?.finishedAt)),
            (
                "pass_under_way",
                facts.unfinished == .underWay ? facts.passes.last.map(Self.json) ?? .null : .null
            ),
            ("next_pass_at", .time(facts.passes.last == nil ? nil : facts.nextPass)),
            ("earliest_expiry_at", .time(facts.tokens.earliestExpiry)),
            ("expired", .count(facts.tokens.expired)),
            ("expiring", .count(facts.tokens.expiring)),
            ("need_person", .count(facts.needPerson)), ("spooled", .count(facts.spooled)),
            ("refused_by_table", .count(facts.refused)),
            ("findings", .array(findings.map(\.json))),
        ])
    }

    private static func json(_ pass: JournalEntry) -> JSON {
        .members([
            ("run_id", .string(pass.runID)), ("started_at", .time(pass.startedAt)),
            ("finished_at", .time(pass.finishedAt)),
            ("exit_code", pass.exitCode.map { .integer(Int64($0)) } ?? .null),
            ("result", .text(pass.exitCode.map(ExitStatus.result))),
        ])
    }

    // MARK: Nagios

    /// `TEAMS WARNING - 1 connection needs a person | expired=0;;0 …`
    var pluginLine: String {
        "\(Self.pluginLine(state, state == .ok ? summary : sentence(of: findings.first))) | \(performanceData)"
    }

    /// The same for a check that could not be made.
    static func pluginLine(_ state: NagiosState, _ words: String) -> String {
        // What follows a bar is read as numbers.
        let plain = words.split(separator: "|").joined(separator: "/")
        return "TEAMS \(state.name) - \(plain)"
    }

    private var summary: String {
        let pass = findings.first { $0.name == .lastPass }?.message
        return pass ?? sentence(of: findings.first)
    }

    /// `'label'=value[UOM];[warn];[crit];[min];[max]`, with U for what is not known.
    private var performanceData: String {
        let age = facts.passes.lastSuccess?.finishedAt.map {
            max(0, Int(facts.now.timeIntervalSince($0)))
        }
        let limit = Int(facts.passInterval.seconds * 2)
        let expiry = facts.tokens.earliestExpiry.map { Int($0.timeIntervalSince(facts.now)) }
        let margin = max(0, Int(facts.nextPass.timeIntervalSince(facts.now)))
        return [
            "last_success_age=\(age.map { "\($0)s" } ?? "U");;\(limit);0",
            "earliest_expiry=\(expiry.map { "\($0)s" } ?? "U");;\(margin):",
            "expired=\(facts.tokens.expired);;0;0", "expiring=\(facts.tokens.expiring);;0;0",
            "need_person=\(facts.needPerson);0;;0",
            "spooled=\(facts.spooled + facts.refused);0;;0",
        ].joined(separator: " ")
    }
}

extension HealthFinding {
    fileprivate var json: JSON {
        .members([
            ("finding", .string(name.rawValue)), ("state", .string(state.name.lowercased())),
            ("result", .string(status.row.result)), ("message", .string(message)),
            ("remedy", .text(remedy)),
        ])
    }
}

extension NagiosState {
    fileprivate func painter(_ style: TextStyle) -> (String) -> String {
        switch self {
        case .ok: style.green
        case .warning, .unknown: style.yellow
        case .critical: style.red
        }
    }
}
