/// The pages for operators: what they show as printed is printed so, and what they name is there.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct OperationsPagesTests {
    private let installation: Installation
    private let page: String

    init() async throws {
        installation = try Installation()
        page = try Project.text("docs/troubleshooting.md")
        try installation.directory.write("wrong", to: "client-secret")
    }

    private func run(_ configuration: String, _ arguments: String...) async throws -> ProgramResult
    {
        try installation.directory.write(configuration, to: "config.env")
        let environment = ["TEAMS_CONFIG": installation.directory.file("config.env")]
        return try await ProgramRunner("maintain-teams", environment: environment).run(arguments)
    }

    /// Every line on stderr stands in the page, with its paths.
    private func expectOnPage(
        _ result: ProgramResult, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = result.errorLines.filter { !$0.hasSuffix("docs/configuration.md") }
        #expect(!lines.isEmpty, sourceLocation: sourceLocation)
        let directory = installation.directory.path + "/"
        for line in lines {
            let printed = ["config.env", "client-secret"].reduce(line) { line, name in
                line.replacingOccurrences(of: directory + name, with: "/etc/maintain-teams/" + name)
            }.replacingOccurrences(of: directory, with: "/var/lib/maintain-teams/")
            #expect(page.contains(printed + "\n"), sourceLocation: sourceLocation)
        }
    }

    private var settings: String {
        """
        TEAMS_CLIENT_ID=5a4db0c5
        TEAMS_CLIENT_SECRET_FILE=\(installation.directory.file("client-secret"))
        TEAMS_TENANT_ID=contoso.example
        TEAMS_DATABASE=\(installation.databasePath)

        """
    }

    @Test func `a misspelt key and a placeholder`() async throws {
        let wrong = settings.replacingOccurrences(of: "5a4db0c5", with: "your-client-id")
            .replacingOccurrences(of: "TENANT", with: "TENNANT")
        let result = try await run(wrong)
        #expect(result.exitCode == 78)
        expectOnPage(result)
    }

    @Test func `a secret that the world can read`() async throws {
        chmod(installation.directory.file("client-secret"), 0o644)
        // The temporary directory is closed to others, which would be enough.
        chmod(installation.directory.path, 0o755)
        let result = try await run(settings)
        #expect(result.exitCode == 77)
        expectOnPage(result)
    }

    @Test func `no database, and one without the table`() async throws {
        expectOnPage(try await run(settings))
        try SQLiteSession(path: installation.directory.file("other.sqlite3")).execute(
            "CREATE TABLE x (a)")
        chmod(installation.directory.file("other.sqlite3"), 0o600)
        expectOnPage(
            try await run(settings, "--database", installation.directory.file("other.sqlite3")))
    }

    @Test func `an unknown user and an unknown option`() async throws {
        _ = try await installation.teamsToken("init")
        try installation.insert(user: "1", expiresIn: 4000)
        expectOnPage(try await run(settings, "--user", "9"))
        expectOnPage(try await run(settings, "--refreshbefore", "5"))
    }

    @Test func `nobody answers`() async throws {
        _ = try await installation.teamsToken("init")
        try installation.insert(user: "2", expiresIn: 600)
        let closed = settings + "TEAMS_AUTHORITY_HOST=http://127.0.0.1:9\n"
        let result = try await run(closed, "--user", "2")
        #expect(result.exitCode == 75)
        let line = result.firstErrorLine.replacingOccurrences(of: "http://", with: "https://")
            .replacing(/after \d+ ms/, with: "after 0 ms")
        #expect(page.contains(line + "\n"), "\(line)")
    }

    @Test(arguments: ["operations.md", "troubleshooting.md", "container/cronjob.yaml"])
    func `every setting and status that is named exists`(file: String) throws {
        let text = try Project.text("docs/\(file)")
        let known = Set(SettingKey.allCases.map(\.rawValue) + [SettingKey.configFileVariable])
        for name in text.matches(of: /\bTEAMS_[A-Z_]+/).map({ String($0.0) })
        where !name.contains("TENNANT") {
            #expect(known.contains(name), "\(name)")
        }
        for status in text.matches(of: /maintain-teams: ([A-Z+]+) \((\d+)\):/) {
            #expect(
                ExitStatus.table.contains { $0.name == status.1 && String($0.code) == status.2 })
        }
    }

    @Test func `the samples of cron and Kubernetes agree, and the image has what is loaded late`()
        throws
    {
        let cron = try Project.text("crontab.example")
        let minutes = try #require(cron.split(separator: "\n").last?.split(separator: " ").first)
        let job = try Project.text("docs/container/cronjob.yaml")
        #expect(job.contains("schedule: \"\(minutes) * * * *\""))
        let image = try Project.text("docs/container/Dockerfile")
        #expect(image.contains(" libcurl4 ") && image.contains(" ca-certificates "))
        for line in image.split(separator: "\n")
        where line.hasPrefix("COPY ") && !line.contains("--from") {
            let source = String(line.split(separator: " ")[1])
            #expect(FileManager.default.fileExists(atPath: Project.path(source)), "\(source)")
        }
    }

    /// The packages that the image installs, where this is the system that it is made of.
    @Test(.enabled(if: isBookworm && FileManager.default.isExecutableFile(atPath: aptCache)))
    func `Debian has what the image installs`() async throws {
        let apt = ProgramRunner(path: Self.aptCache, environment: ["PATH": "/usr/bin:/bin"])
        // An image without package lists knows nothing.
        guard try await apt.run("show", "libcurl4-openssl-dev").exitCode == 0 else { return }
        let installs = try Project.text("docs/container/Dockerfile")
            .matches(of: /--no-install-recommends (.*) \\/)
        #expect(installs.count == 2)
        for package in installs.flatMap({ $0.1.split(separator: " ") }) {
            let result = try await apt.run("show", String(package))
            #expect(result.exitCode == 0, "\(package): \(result.standardError)")
        }
    }

    private static let aptCache = "/usr/bin/apt-cache"
    private static let isBookworm =
        (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8))?
        .contains("VERSION_CODENAME=bookworm") == true
}
