/// `--report change` over days: words at the edges, exit code and metrics every time.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct ReportPolicyTests {
    /// Lets time go by for what has been reported.
    private func pass(hours: Int, on machine: WatchedMachine) throws {
        try machine.execute(
            "UPDATE maintain_teams_reported SET reported_at = reported_at - \(hours * 3600)")
    }

    @Test func `a stuck user costs one mail, one a day, and one when it is over`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            machine.environment["TEAMS_REPORT"] = "change"
            try machine.enrol(1...1)
            sandbox.script(
                user: "1", faults: [Fault(.refused("invalid_grant", suberror: "bad_token"))])
            var mails: [Int] = []
            // Three days, a pass every six hours.
            for number in 0..<12 {
                if number > 0 { try pass(hours: 6, on: machine) }
                let result = try await machine.run()
                #expect(result.exitCode == 10)
                #expect(result.standardOutput == "")
                if result.standardError != "" {
                    mails.append(number)
                    #expect(result.errorLines.count == 1)
                    #expect(result.standardError.hasPrefix("maintain-teams: REAUTH (10): user 1 "))
                }
                let metrics = try machine.metrics()
                #expect(metrics["last_run_exit_code"] == 10)
                #expect(metrics[#"runs_total{result="reauth"}"#] == Double(number + 1))
                #expect(metrics[#"connections{state="reauth_required"}"#] == 1)
            }
            #expect(mails == [0, 4, 8])
            // Who was refused for good is asked about once, however often passes come.
            #expect(sandbox.counts.token == 1)

            sandbox.clearFaults()
            try machine.execute(
                "UPDATE oauth_tokens SET refresh_token = '\(Sandbox.refreshToken(user: "1", generation: 5))'"
            )
            let over = try await machine.run()
            #expect(over.exitCode == 0)
            #expect(over.errorLines == ["maintain-teams: over: user 1 must sign in again"])
            #expect(try machine.metrics()[#"connections{state="reauth_required"}"#] == 0)
            try pass(hours: 24, on: machine)
            #expect(try await machine.run().standardError == "")
        }
    }
}
