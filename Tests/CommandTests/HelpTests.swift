/// The words of `maintain-teams` about itself, and that the manuals agree with the one table of statuses.

import Foundation
import TestSupport
import Testing
import TokenCore

struct HelpTests {
    private let program = ProgramRunner("maintain-teams", environment: [:])

    @Test func `help shows examples, statuses and every option in 80 columns`() async throws {
        let result = try await program.run("--help")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(result.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 80 })
        try Snapshot.expect(result.standardOutput, is: "maintain-teams-help")
    }

    @Test func `the version is that of the product`() async throws {
        let result = try await program.run("--version")
        #expect(result.exitCode == 0)
        #expect(result.standardOutput == "maintain-teams \(ProductVersion.current)\n")
    }

    @Test func `the README's table of statuses is the program's`() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../README.md")
        let readme = try String(contentsOf: url, encoding: .utf8)
        for row in ExitStatus.table {
            #expect(readme.contains("| \(row.code) | \(row.name) | \(row.meaning) |\n"))
        }
        let rows = readme.split(separator: "\n").filter {
            $0.first == "|" && $0.dropFirst(2).first?.isNumber == true
        }
        #expect(rows.count == ExitStatus.table.count)
    }

    @Test func `codes, names and results are each other's only partners`() {
        let table = ExitStatus.table
        #expect(Set(table.map(\.code)).count == table.count)
        #expect(Set(table.map(\.name)).count == table.count)
        #expect(table.allSatisfy { $0.result == $0.name.lowercased() })
        #expect(table.map(\.code) == [0, 1, 10, 11, 12, 64, 74, 75, 77, 78])
    }
}
