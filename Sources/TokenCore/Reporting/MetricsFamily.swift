/// The table of metrics: names, kinds, help and every series. All series are exported by every run, so
/// that no alert has to tell a zero from an absence.

struct MetricsFamily: Sendable {
    enum Kind: String, Sendable {
        case gauge
        case counter
    }

    static let prefix = "maintain_teams_"

    let name: String
    let kind: Kind
    let help: String
    /// Each with its labels, as `refreshes_total{result="raced"}`.
    let series: [String]
    /// Until a run has recorded something. A time that there is none of is NaN: every comparison with
    /// it is false, while zero would be a time long past.
    let initial: Double

    private init(
        _ name: String, _ help: String, kind: Kind = .gauge, labels: [String] = [],
        initial: Double = 0
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        series = labels.isEmpty ? [name] : labels.map { "\(name){\($0)}" }
        self.initial = initial
    }

    static func requests(_ endpoint: RequestCounts.Endpoint, _ code: RequestCounts.Code) -> String {
        "http_requests_total{\(labels(endpoint, code))}"
    }

    private static func labels(
        _ endpoint: RequestCounts.Endpoint, _ code: RequestCounts.Code
    ) -> String {
        #"endpoint="\#(endpoint.rawValue)",code="\#(code.rawValue)""#
    }

    private static func labels(_ name: String, _ values: [String]) -> [String] {
        values.map { #"\#(name)="\#($0)""# }
    }

    static let table: [MetricsFamily] = [
        MetricsFamily(
            "build_info", "Constant 1; the version of the program that ran last.",
            labels: labels("version", [ProductVersion.current]), initial: 1),
        MetricsFamily("last_run_timestamp_seconds", "End of the last run, whatever became of it."),
        MetricsFamily(
            "last_success_timestamp_seconds",
            "End of the last whole pass with exit code 0 or 10; 0 means never."),
        MetricsFamily("last_run_duration_seconds", "Wall time of the last run."),
        MetricsFamily(
            "last_run_exit_code", "Exit code of the last run; 128 plus the number of a signal."),
        MetricsFamily(
            "runs_total", "Runs by result.", kind: .counter,
            labels: labels(
                "result", ExitStatus.table.map(\.result) + [ExitStatus.interrupted(0).row.result])),
        MetricsFamily(
            "connections",
            "Connections by what the last whole pass left them as; the sum is all of them.",
            labels: labels("state", PassCounts().states.map(\.0))),
        MetricsFamily(
            "connections_at_risk", "Connections whose token expires before the next pass."),
        MetricsFamily(
            "refreshes_total", "Attempts to refresh a connection by result.", kind: .counter,
            labels: labels(
                "result", Verdict.allCases.filter { $0 != .malformed }.map(\.rawValue))),
        MetricsFamily(
            "http_requests_total",
            "Requests by endpoint and status; none means that no complete answer came.",
            kind: .counter,
            labels: RequestCounts.Endpoint.allCases.flatMap { endpoint in
                RequestCounts.Code.allCases.map { labels(endpoint, $0) }
            }),
        MetricsFamily(
            "api_test_connections", "Connections by what Graph said in the last whole --test-api.",
            labels: labels("result", APITestCounts().named.map(\.0))),
        MetricsFamily(
            "earliest_expiry_timestamp_seconds",
            "Soonest expiry of an access token among connections that need no person.",
            initial: .nan),
        MetricsFamily(
            "oldest_refresh_timestamp_seconds",
            "Longest ago that one of these connections was refreshed.", initial: .nan),
        MetricsFamily(
            "clock_skew_seconds", "Clock of the token endpoint minus ours, at its last answer.",
            initial: .nan),
        MetricsFamily(
            "expected_interval_seconds", "Configured time between two passes.", initial: .nan),
    ]
}

extension PassCounts {
    /// The counts that all connections are divided into.
    var states: [(String, Int)] {
        let others = ["connections", "due", "at_risk"]
        return named.filter { !others.contains($0.0) }.map { ($0.0, $0.1 ?? 0) }
    }
}

extension APITestCounts {
    /// Every count with its name, as in JSON.
    var named: [(String, Int)] {
        [
            ("ok", ok), ("unauthorized", unauthorized), ("forbidden", forbidden),
            ("throttled", throttled), ("error", error),
        ]
    }
}
