/// The metrics of all runs so far as Prometheus text. Pure: the document that the last run left goes in,
/// the next one comes out.
///
/// The file itself is the memory of the counters and of all that a run does not know. The database would
/// hold them safer, but a run that ends before it is open (wrong configuration, a missing disk) could not
/// read them then, and what is scraped would drop to zero and come back. A file that is lost begins at
/// zero, which is what `rate()` takes a restart for.

internal import FoundationEssentials

struct MetricsDocument: Equatable, Sendable {
    /// By series, as `connections{state="fresh"}`.
    private var values: [String: Double]

    /// - Parameter previous: What the last run wrote; series that are missing or can't be read begin
    ///   anew, and those that nobody knows are dropped.
    init(previous: String? = nil) {
        values = [:]
        let known = Set(MetricsFamily.table.flatMap(\.series))
        for line in (previous ?? "").split(whereSeparator: \.isNewline) {
            guard line.hasPrefix(MetricsFamily.prefix), let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...]), value.isFinite
            else { continue }
            let series = String(line[..<space].dropFirst(MetricsFamily.prefix.count))
            if known.contains(series) { values[series] = value }
        }
    }

    /// What every run knows of itself.
    /// - Parameter interval: How often the scheduler starts us; nil when the configuration can't say.
    mutating func record(
        _ status: ExitStatus, at finishedAt: Date, took duration: Duration, interval: Duration?
    ) {
        values["last_run_timestamp_seconds"] = Double(finishedAt.wholeSeconds)
        values["last_run_duration_seconds"] = (duration.seconds * 1000).rounded() / 1000
        values["last_run_exit_code"] = Double(status.code)
        add(1, to: #"runs_total{result="\#(status.row.result)"}"#)
        if let interval { values["expected_interval_seconds"] = interval.seconds }
    }

    /// What a pass has found and done.
    /// - Parameters:
    ///   - isWhole: Whether it looked at all connections, not only at those of named users; only then
    ///     it says something about the state of the table.
    ///   - testedAPI: Whether the Graph API was asked; otherwise the numbers of the last test stay.
    mutating func record(
        _ report: PassReport, _ status: ExitStatus, deadlines: TokenStore.Deadlines?, isWhole: Bool,
        testedAPI: Bool
    ) {
        for (result, count) in report.refreshes {
            add(count, to: #"refreshes_total{result="\#(result.rawValue)"}"#)
        }
        for endpoint in RequestCounts.Endpoint.allCases {
            for code in RequestCounts.Code.allCases {
                add(report.requests[endpoint, code], to: MetricsFamily.requests(endpoint, code))
            }
        }
        if let skew = report.clockSkew {
            values["clock_skew_seconds"] = (skew.seconds * 10).rounded() / 10
        }
        guard isWhole else { return }
        // Users who must sign in are no failure of the program's.
        if status == .ok || status == .reauth {
            values["last_success_timestamp_seconds"] = Double(report.finishedAt.wholeSeconds)
        }
        if testedAPI {
            for (result, count) in report.apiTest.named {
                values[#"api_test_connections{result="\#(result)"}"#] = Double(count)
            }
        }
        recordTable(report.counts, deadlines)
    }

    /// Unknown totals (the database failed half-way) leave the numbers of the last pass.
    private mutating func recordTable(_ counts: PassCounts, _ deadlines: TokenStore.Deadlines?) {
        if counts.connections != nil {
            for (state, count) in counts.states {
                values[#"connections{state="\#(state)"}"#] = Double(count)
            }
            values["connections_at_risk"] = Double(counts.atRisk)
        }
        guard let deadlines else { return }
        set("earliest_expiry_timestamp_seconds", deadlines.earliestExpiry)
        set("oldest_refresh_timestamp_seconds", deadlines.oldestRefresh)
    }

    private mutating func set(_ series: String, _ date: Date?) {
        values[series] = date.map { Double($0.wholeSeconds) }
    }

    private mutating func add(_ count: Int, to series: String) {
        values[series, default: 0] += Double(count)
    }

    /// The text exposition format 0.0.4, without timestamps.
    var text: String {
        var text = ""
        for family in MetricsFamily.table {
            let name = MetricsFamily.prefix + family.name
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
            for series in family.series {
                let value = values[series] ?? family.initial
                text += "\(MetricsFamily.prefix)\(series) \(Self.number(value))\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }
}
