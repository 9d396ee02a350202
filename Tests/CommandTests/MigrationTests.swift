import Foundation
import SandboxKit
import TestSupport
import Testing

/// The page on migration, followed to the letter.
struct MigrationTests {
    @Test func `every command of docs/migration.md does what the page says`() async throws {
        var configuration = SandboxConfiguration()
        configuration.usesTLS = false
        try await Sandbox.withSandbox(configuration) { sandbox in
            let script = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/scripts/migration-test.sh").standardized.path
            let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent().path
            let directory = try TemporaryDirectory()
            let shell = ProgramRunner(
                path: "/bin/sh",
                environment: [
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "TMPDIR": directory.path, "HOME": directory.path,
                    "TEAMS_AUTHORITY_HOST": sandbox.baseURL, "TEAMS_GRAPH_URL": sandbox.graphURL,
                ])
            let result = try await shell.run(script, products)
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(result.standardOutput.hasSuffix("migration: as described\n"))
            #expect(result.standardOutput.contains("imported 3 connections\n"))
            #expect(sandbox.generation(of: "7") == 1)
            #expect(sandbox.generation(of: "8") == 1)
        }
    }
}
