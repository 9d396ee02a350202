import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct MetricsDocumentTests {
    private let noon = ManualClock.noon

    private func read(_ document: MetricsDocument) throws -> PrometheusText {
        try PrometheusText(document.text)
    }

    private func report(_ change: (inout PassReport) -> Void = { _ in }) -> PassReport {
        var report = PassReport(runID: "run", startedAt: noon)
        report.finishedAt = noon
        report.counts.connections = 10
        change(&report)
        return report
    }

    private func record(
        _ report: PassReport, _ status: TokenCore.ExitStatus = .ok,
        in document: inout MetricsDocument,
        deadlines: TokenStore.Deadlines? = nil, isWhole: Bool = true, testedAPI: Bool = false
    ) {
        document.record(
            status, at: report.finishedAt, took: .milliseconds(1234), interval: .seconds(900))
        document.record(
            report, status, deadlines: deadlines, isWhole: isWhole, testedAPI: testedAPI)
    }

    @Test func `every series is there before anything has happened`() throws {
        let metrics = try read(MetricsDocument())
        #expect(metrics["build_info{version=\"\(ProductVersion.current)\"}"] == 1)
        #expect(metrics["last_success_timestamp_seconds"] == 0)
        #expect(metrics["earliest_expiry_timestamp_seconds"]?.isNaN == true)
        let series: [(String, Int)] = [
            ("connections{", 14), ("refreshes_total{", 8), ("http_requests_total{", 20),
            ("api_test_connections{", 5), ("runs_total{", 11),
        ]
        for (family, count) in series {
            let found = metrics.samples.filter { $0.key.hasPrefix("maintain_teams_\(family)") }
            #expect(found.count == count, "\(family)")
            #expect(found.values.allSatisfy { $0 == 0 })
        }
    }

    @Test func `states divide the connections among them`() throws {
        var document = MetricsDocument()
        record(
            report {
                $0.counts.refreshed = 3
                $0.counts.reauthRequired = 2
                $0.counts.malformed = 1
                $0.counts.noRefreshToken = 1
                $0.counts.atRisk = 2
            }, .reauth, in: &document)
        let metrics = try read(document)
        #expect(metrics[#"connections{state="refreshed"}"#] == 3)
        #expect(metrics[#"connections{state="fresh"}"#] == 3)
        #expect(metrics["connections_at_risk"] == 2)
        let sum = metrics.samples.filter { $0.key.hasPrefix("maintain_teams_connections{") }
            .values.reduce(0, +)
        #expect(sum == 10)
    }

    @Test func `counters go on where the last run left them`() throws {
        let pass = report {
            $0.refreshes = [.refreshed: 4, .raced: 1]
            $0.requests.add(.token, status: 200)
            $0.requests.add(.token, status: nil)
            $0.requests.add(.graph, status: 418)
        }
        var first = MetricsDocument()
        record(pass, in: &first)
        var second = MetricsDocument(previous: first.text)
        record(pass, in: &second)
        let metrics = try read(second)
        #expect(metrics[#"refreshes_total{result="refreshed"}"#] == 8)
        #expect(metrics[#"refreshes_total{result="raced"}"#] == 2)
        #expect(metrics[#"http_requests_total{endpoint="token",code="2xx"}"#] == 2)
        #expect(metrics[#"http_requests_total{endpoint="token",code="none"}"#] == 2)
        #expect(metrics[#"http_requests_total{endpoint="graph",code="4xx"}"#] == 2)
        #expect(metrics[#"runs_total{result="ok"}"#] == 2)
    }

    @Test func `a run without a pass changes nothing but what is said of the run`() throws {
        var document = MetricsDocument()
        record(
            report {
                $0.counts.refreshed = 3
                $0.clockSkew = .milliseconds(-1960)
            }, in: &document,
            deadlines: TokenStore.Deadlines(earliestExpiry: noon + 60, oldestRefresh: noon - 60))
        let before = try read(document)
        var next = MetricsDocument(previous: document.text)
        next.record(.busy, at: noon + 900, took: .milliseconds(3), interval: nil)
        let after = try read(next)
        let changed = after.samples.filter { before.samples[$0.key] != $0.value }.keys.sorted()
        #expect(
            changed == [
                "maintain_teams_last_run_duration_seconds", "maintain_teams_last_run_exit_code",
                "maintain_teams_last_run_timestamp_seconds",
                #"maintain_teams_runs_total{result="busy"}"#,
            ])
        #expect(after["last_run_exit_code"] == 11)
        #expect(after["clock_skew_seconds"] == -2)
        #expect(after["expected_interval_seconds"] == 900)
        #expect(after["earliest_expiry_timestamp_seconds"] == noon.timeIntervalSince1970 + 60)
    }

    @Test(arguments: [
        (TokenCore.ExitStatus.ok, true), (.reauth, true), (.transient, false),
        (.reauthAndTransient, false),
        (.database, false), (.config, false), (.interrupted(15), false),
    ])
    func `the last success survives whatever is none`(status: TokenCore.ExitStatus, isSuccess: Bool)
        throws
    {
        var document = MetricsDocument()
        record(report { $0.finishedAt = noon - 900 }, in: &document)
        record(report(), status, in: &document)
        let metrics = try read(document)
        let last = noon.timeIntervalSince1970 - (isSuccess ? 0 : 900)
        #expect(metrics["last_success_timestamp_seconds"] == last)
        #expect(metrics["last_run_exit_code"] == Double(status.code))
        #expect(metrics["last_run_duration_seconds"] == 1.234)
    }

    @Test func `a pass over named users says nothing about the table`() throws {
        var document = MetricsDocument()
        record(report { $0.counts.refreshed = 3 }, in: &document)
        record(
            report {
                $0.counts.connections = 1
                $0.finishedAt = noon + 60
                $0.refreshes = [.refreshed: 1]
            }, in: &document, isWhole: false, testedAPI: true)
        let metrics = try read(document)
        #expect(metrics[#"connections{state="refreshed"}"#] == 3)
        #expect(metrics["last_success_timestamp_seconds"] == noon.timeIntervalSince1970)
        #expect(metrics[#"refreshes_total{result="refreshed"}"#] == 1)
    }

    @Test func `totals that nobody could count leave the last ones`() throws {
        var document = MetricsDocument()
        record(report { $0.counts.refreshed = 3 }, in: &document)
        record(
            report {
                $0.counts.connections = nil
                $0.counts.transient = 9
            }, .database, in: &document)
        #expect(try read(document)[#"connections{state="refreshed"}"#] == 3)
        #expect(try read(document)[#"connections{state="transient"}"#] == 0)
    }

    @Test func `numbers of the api test stay until the next one`() throws {
        var document = MetricsDocument()
        record(report { $0.apiTest.ok = 7 }, in: &document, testedAPI: true)
        record(report(), in: &document)
        #expect(try read(document)[#"api_test_connections{result="ok"}"#] == 7)
    }

    @Test func `a time that there is none of any more is none`() throws {
        var document = MetricsDocument()
        record(
            report(), in: &document,
            deadlines: TokenStore.Deadlines(earliestExpiry: noon, oldestRefresh: noon))
        record(report(), in: &document, deadlines: TokenStore.Deadlines())
        #expect(try read(document)["earliest_expiry_timestamp_seconds"]?.isNaN == true)
    }

    @Test(arguments: [
        "", "\u{0}\u{1}\u{2}", "maintain_teams_", "maintain_teams_runs_total{result=\"ok\"} many\n",
        "maintain_teams_runs_total{result=\"ok\"} NaN\nmaintain_teams_unknown 3\n",
        "maintain_teams_runs_total{result=\"ok\"} 5 1795348800\nsomething else entirely 12\n",
    ])
    func `a file that makes no sense begins at zero`(previous: String) throws {
        let document = MetricsDocument(previous: previous)
        #expect(document == MetricsDocument())
        #expect(try read(document)[#"runs_total{result="ok"}"#] == 0)
    }
}
