/// All findings of a check-up: their order, their exit status, their words.

struct DoctorReport: Sendable {
    let isOnline: Bool
    let asCron: Bool
    /// Worst first.
    let findings: [CheckupFinding]

    init(_ found: [CheckupFinding], isOnline: Bool, asCron: Bool) {
        let order = found.indices.sorted {
            (-found[$0].severity.rank, $0) < (-found[$1].severity.rank, $1)
        }
        findings = order.map { found[$0] }
        self.isOnline = isOnline
        self.asCron = asCron
    }

    /// The status with which a pass would fail first.
    var status: ExitStatus {
        let found = problems.map(\.status)
        return [.config, .permission, .database, .transient].first(where: found.contains) ?? .ok
    }

    /// The line that a failure begins with; nil when there is no problem.
    var firstSentence: String? {
        guard let worst = problems.first(where: { $0.status == status })?.finding else {
            return nil
        }
        let others = problems.count - 1
        let more = others > 0 ? " (and \(others) more \(others == 1 ? "problem" : "problems"))" : ""
        return worst.seen + more
    }

    private var problems: [(finding: CheckupFinding, status: ExitStatus)] {
        findings.compactMap { finding in
            if case .problem(let status) = finding.severity { (finding, status) } else { nil }
        }
    }

    func lines(width: Int, style: TextStyle) -> [String] {
        let lines = findings.flatMap { finding in
            LabelledText(
                label: finding.severity.name, paint: finding.severity.painter(style),
                paragraphs: [
                    "\(finding.check.rawValue): \(finding.seen)", finding.why,
                    finding.remedy.map { "mend: \($0)" },
                ].compactMap { $0 }
            ).lines(labelWidth: 7, width: width)
        }
        return lines + ["", style.bold(totals)]
    }

    private var totals: String {
        let counts = ["problem", "warning", "note", "ok"].map { name in
            (name, findings.count { $0.severity.name == name })
        }
        return counts.map { name, count in
            "\(count) \(name)\(count == 1 || name == "ok" ? "" : "s")"
        }.joined(separator: ", ")
    }

    var json: JSON {
        .members([
            ("schema", .integer(1)), ("result", .string(status.row.result)),
            ("exit_code", .integer(Int64(status.code))), ("online", .bool(isOnline)),
            ("as_cron", .bool(asCron)), ("findings", .array(findings.map(\.json))),
        ])
    }
}

extension CheckupFinding {
    fileprivate var json: JSON {
        var status = JSON.null
        if case .problem(let found) = severity { status = .string(found.row.result) }
        return .members([
            ("check", .string(check.rawValue)), ("severity", .string(severity.name)),
            ("result", status), ("seen", .string(seen)), ("why", .text(why)),
            ("remedy", .text(remedy)),
        ])
    }
}

extension CheckupFinding.Severity {
    fileprivate func painter(_ style: TextStyle) -> (String) -> String {
        switch self {
        case .ok: style.green
        case .note: style.bold
        case .warning: style.yellow
        case .problem: style.red
        }
    }
}
