/// The units under docs/systemd, judged by systemd's own tool.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct SystemdTests {
    private static let tool = "/usr/bin/systemd-analyze"
    private static let names = [
        "maintain-teams.service", "maintain-teams.timer", "maintain-teams-failed@.service",
    ]

    private let directory: TemporaryDirectory

    /// The units in a directory of their own, with a program that exists everywhere.
    init() throws {
        directory = try TemporaryDirectory()
        for name in Self.names {
            let unit = try Project.text("docs/systemd/\(name)")
            try directory.write(
                unit.replacingOccurrences(of: "/usr/local/bin/maintain-teams", with: "/bin/true"),
                to: name)
        }
    }

    private func analyze(_ arguments: [String]) async throws -> ProgramResult {
        try await ProgramRunner(path: Self.tool, environment: ["SYSTEMD_COLORS": "0"])
            .run(arguments)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: tool)), arguments: names)
    func `systemd has nothing to say about a unit`(name: String) async throws {
        let result = try await analyze(["verify", "--man=no", directory.file(name)])
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: tool)))
    func `the service is exposed to less than 1.5 of 10`() async throws {
        let result = try await analyze([
            "security", "--offline=yes", "--threshold=15",
            directory.file("maintain-teams.service"),
        ])
        #expect(result.exitCode == 0, "\(result.standardOutput)")
    }

    @Test func `systemd's time limit lies between the pass's own and the interval`() throws {
        let interval = try #require(Setting[.passInterval].defaultDuration)
        let unit = try Project.text("docs/systemd/maintain-teams.service")
        let limit = try #require(unit.value(of: "TimeoutStartSec")?.dropLast("min".count))
        let minutes = try #require(Int(limit))
        #expect(.seconds(minutes * 60) > interval * 8 / 10)
        #expect(.seconds(minutes * 60) < interval)
        let timer = try Project.text("docs/systemd/maintain-teams.timer")
        #expect(timer.value(of: "OnCalendar") == "*:0/\(interval.components.seconds / 60)")
    }

    @Test func `what needs a person, and a pass at work elsewhere, are no failures of the unit`()
        throws
    {
        let unit = try Project.text("docs/systemd/maintain-teams.service")
        let codes = [ExitStatus.reauth, .busy].map { String($0.code) }
        #expect(
            unit.value(of: "SuccessExitStatus")?.split(separator: " ").map(String.init)
                == codes + ["SIGTERM", "SIGINT"])
    }
}

extension Setting {
    fileprivate var defaultDuration: Duration? {
        if case .value(let text) = fallback { DurationText.duration(from: text) } else { nil }
    }
}

extension String {
    /// The value of a directive in a unit file.
    fileprivate func value(of directive: String) -> String? {
        split(separator: "\n").first { $0.hasPrefix("\(directive)=") }
            .map { String($0.dropFirst(directive.count + 1)) }
    }
}
