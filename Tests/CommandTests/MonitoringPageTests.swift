/// What Prometheus and Grafana are given to read: the dashboard and the alert rules of the docs.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct MonitoringPageTests {
    /// The names of metrics in a text, without the prefix.
    private func metrics(in text: String) -> Set<String> {
        Set(text.matches(of: /maintain_teams_([a-z_]+)/).map { String($0.1) })
    }

    private let known = Set(MetricsFamily.table.map(\.name))

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { let expr: String }
            let id: Int
            let title: String
            let targets: [Target]
        }
        let panels: [Panel]
    }

    @Test func `the dashboard shows every metric, and none that there isn't`() throws {
        let text = try Project.text("docs/monitoring/grafana-dashboard.json")
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        #expect(metrics(in: text) == known)
        for label in text.matches(of: /state=~\\"([a-z_|]+)\\"/) {
            let states = Set(PassCounts().states.map(\.0))
            #expect(states.isSuperset(of: label.1.split(separator: "|").map(String.init)))
        }
    }

    @Test func `the alert rules name metrics that there are`() throws {
        let page = try Project.text("docs/monitoring.md")
        let rules = try #require(
            page.split(separator: "```yaml\n").last?.split(separator: "\n```").first)
        #expect(metrics(in: String(rules)).isSubset(of: known))
    }

    private static let promtool = "/usr/bin/promtool"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool)))
    func `promtool takes the alert rules and the dashboard's expressions`() async throws {
        let page = try Project.text("docs/monitoring.md")
        let alerts = try #require(
            page.split(separator: "```yaml\n").last?.split(separator: "\n```").first)
        let text = try Project.text("docs/monitoring/grafana-dashboard.json")
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
        let records = dashboard.panels.flatMap(\.targets).enumerated().map { place, target in
            let expression = target.expr.replacingOccurrences(of: "$__rate_interval", with: "5m")
            return "      - record: panel:\(place)\n        expr: '\(expression)'\n"
        }
        let directory = try TemporaryDirectory()
        try directory.write(String(alerts) + "\n", to: "alerts.yml")
        try directory.write(
            "groups:\n  - name: dashboard\n    rules:\n" + records.joined(), to: "panels.yml")
        for file in ["alerts.yml", "panels.yml"] {
            let result = try await ProgramRunner(path: Self.promtool, environment: [:])
                .run("check", "rules", directory.file(file))
            #expect(result.exitCode == 0, "\(result.standardError)\(result.standardOutput)")
        }
    }
}
