import Foundation
import SandboxKit
import TestSupport
import Testing

/// `teams-sandbox` as a whole, started as a script would start it.
struct ProgramTests {
    @Test(.timeLimit(.minutes(2)))
    func `it says where it listens, serves its script and leaves nothing behind`()
        async throws
    {
        let directory = try TemporaryDirectory()
        try directory.write(
            #"{"faults":{"7":[{"kind":"html","status":502}]}}"#, to: "faults.json")
        var program = ProgramRunner("teams-sandbox", environment: ["PATH": "/usr/bin:/bin"])
        program.output = .file(directory.file("output"))
        let running = try program.start([
            "--client-id", "my-client", "--client-secret", "s3", "--strict-rotation",
            "--expires-in", "77", "--script", directory.file("faults.json"),
            "--ready-file", directory.file("ready.json"),
        ])
        var environment = ""
        while !environment.contains("CLIENT_SECRET='s3'") {
            try Task.checkCancellation()
            await Task.yield()
            environment = String(decoding: directory.contents("output") ?? [], as: UTF8.self)
        }
        let base = try #require(value("TEAMS_AUTHORITY_HOST", in: environment))
        let authority = try #require(value("TEAMS_CA_FILE", in: environment))
        #expect(value("TEAMS_GRAPH_URL", in: environment) == base + "/v1.0")
        #expect(value("TEAMS_CLIENT_ID", in: environment) == "my-client")

        for (user, status) in [("7", "502"), ("8", "200"), ("8", "400")] {
            let form =
                "grant_type=refresh_token&client_id=my-client&client_secret=s3&refresh_token="
            let (_, printed) = try await launch(
                "/usr/bin/env",
                [
                    "curl", "-s", "--noproxy", "*", "--cacert", authority, "-o", "/dev/null", "-w",
                    "%{http_code}", "-d", form + Sandbox.refreshToken(user: user),
                    base + "/common/oauth2/v2.0/token",
                ])
            #expect(String(decoding: printed, as: UTF8.self) == status)
        }

        running.send(SIGTERM)
        #expect(await running.ended().exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: authority))
        #expect(!directory.exists("ready.json"))
    }

    @Test func `it prints tokens to fill a database with`() async throws {
        let (_, refresh) = try await launch(
            Project.products + "/teams-sandbox", ["refresh-token", "7", "--generation", "2"])
        #expect(
            String(decoding: refresh, as: UTF8.self)
                == Sandbox.refreshToken(user: "7", generation: 2) + "\n")
        let (_, access) = try await launch(
            Project.products + "/teams-sandbox", ["access-token", "7", "--valid-for", "-5"])
        let token = String(decoding: access, as: UTF8.self).trimmingCharacters(in: .newlines)
        #expect(Sandbox.userOfAccessToken(token) == "7")
    }

    private func value(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix("export \(name)='") }
            .map { String($0.dropFirst("export \(name)='".count).dropLast()) }
    }
}
