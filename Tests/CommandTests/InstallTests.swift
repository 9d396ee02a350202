/// `make install` and `make uninstall`, with a prefix of their own below a directory.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct InstallTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func install(_ action: String) async throws -> ProgramResult {
        try await ProgramRunner(
            path: "/bin/sh",
            environment: [
                "PATH": "/usr/bin:/bin", "TMPDIR": directory.path, "DESTDIR": directory.path,
                "PREFIX": "/far/away",
            ]
        ).run(Project.path("docs/scripts/install.sh"), action, Project.products)
    }

    /// All files below the directory.
    private func files() throws -> Set<String> {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
        return Set(
            paths.filter {
                var isDirectory: ObjCBool = false
                _ = FileManager.default.fileExists(
                    atPath: directory.file($0), isDirectory: &isDirectory)
                return !isDirectory.boolValue
            })
    }

    @Test func `what install puts somewhere, uninstall takes away, and nothing else`() async throws
    {
        let foreign = "far/away/share/man/man1/other.1"
        try FileManager.default.createDirectory(
            atPath: directory.file("far/away/share/man/man1"), withIntermediateDirectories: true)
        try directory.write("", to: foreign)

        let result = try await install("install")
        #expect(result.exitCode == 0, "\(result.standardError)")
        let installed = try files()
        for file in [
            "bin/maintain-teams", "bin/teams-token", "share/man/man8/maintain-teams.8",
            "share/man/man1/teams-token.1", "share/man/man5/maintain-teams.env.5",
            "share/bash-completion/completions/teams-token",
            "share/zsh/site-functions/_maintain-teams",
            "share/fish/vendor_completions.d/teams-token.fish",
            "share/doc/maintain-teams/README.md", "share/doc/maintain-teams/config.env.example",
            "share/doc/maintain-teams/docs/systemd/maintain-teams.timer",
        ] {
            #expect(installed.contains("far/away/\(file)"), "\(file)")
        }
        #expect(installed.allSatisfy { !$0.contains("teams-manual") && !$0.contains("sandbox.") })
        for file in installed where file != foreign {
            let mode = try FileStatus(path: directory.file(file)).permissions
            #expect(mode == (file.contains("/bin/") ? 0o755 : 0o644), "\(file)")
        }

        #expect(try await install("uninstall").exitCode == 0)
        #expect(try files() == [foreign])
        #expect(!directory.exists("far/away/share/doc/maintain-teams"))
    }

    @Test func `samples name the programs where they are, and links lead to files`() async throws {
        #expect(try await install("install").exitCode == 0)
        let documents = "far/away/share/doc/maintain-teams"
        for sample in ["crontab.example", "docs/systemd/maintain-teams.service"] {
            let text = try String(
                contentsOfFile: directory.file("\(documents)/\(sample)"), encoding: .utf8)
            #expect(text.contains("/far/away/bin/maintain-teams"))
            #expect(!text.contains("/usr/local"))
        }
        let pages = try files().filter { $0.hasPrefix(documents) && $0.hasSuffix(".md") }
        #expect(pages.count > 8)
        for page in pages {
            let text = try String(contentsOfFile: directory.file(page), encoding: .utf8)
            let folder = URL(filePath: directory.file(page)).deletingLastPathComponent()
            for link in text.matches(of: /\]\(([\w.\/-]+)(#[^)]*)?\)/) {
                let target = folder.appending(path: String(link.1)).standardized.path
                #expect(FileManager.default.fileExists(atPath: target), "\(page): \(link.1)")
            }
        }
    }

    @Test func `the sample of a config file is the one in the manual, and is refused as it is`()
        async throws
    {
        #expect(try await install("install").exitCode == 0)
        let sample = directory.file("far/away/share/doc/maintain-teams/config.env.example")
        let result = try await ProgramRunner(
            path: directory.file("far/away/bin/maintain-teams"), environment: [:]
        ).run("--config", sample)
        #expect(result.exitCode == 78)
        #expect(result.standardError.contains("TEAMS_CLIENT_ID"))
    }
}
