import Foundation
import SandboxKit
import Testing

/// `teams-sandbox` as a whole, started as a script would start it.
struct ProgramTests {
    /// Built beside the tests, which depend on it.
    private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "teams-sandbox").path

    @Test func `it says where it listens, serves its script and leaves nothing behind`()
        async throws
    {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = directory.appending(path: "faults.json")
        try Data(#"{"faults":{"7":[{"kind":"html","status":502}]}}"#.utf8).write(to: script)
        // A FIFO's reader sleeps until there is a writer: no polling for readiness.
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        let readyFile = directory.appending(path: "ready.json")
        process.arguments = [
            "--client-id", "my-client", "--client-secret", "s3", "--strict-rotation",
            "--expires-in", "77", "--script", script.path, "--ready-file", readyFile.path,
        ]
        process.standardOutput = output
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        let environment = try await read(output.fileHandleForReading, until: "CLIENT_SECRET='s3'")
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

        process.terminate()
        var statuses = ended.makeAsyncIterator()
        #expect(await statuses.next() == 0)
        #expect(!FileManager.default.fileExists(atPath: authority))
        #expect(!FileManager.default.fileExists(atPath: readyFile.path))
    }

    @Test func `it prints tokens to fill a database with`() async throws {
        let (_, refresh) = try await launch(
            Self.program, ["refresh-token", "7", "--generation", "2"])
        #expect(
            String(decoding: refresh, as: UTF8.self)
                == Sandbox.refreshToken(user: "7", generation: 2) + "\n")
        let (_, access) = try await launch(
            Self.program, ["access-token", "7", "--valid-for", "-5"])
        let token = String(decoding: access, as: UTF8.self).trimmingCharacters(in: .newlines)
        #expect(Sandbox.userOfAccessToken(token) == "7")
    }

    /// Output up to a text that ends what the program prints at its start.
    private func read(_ file: FileHandle, until end: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                var text = ""
                while !text.contains(end) {
                    let data = file.availableData
                    guard !data.isEmpty else {
                        return continuation.resume(throwing: CocoaError(.fileReadCorruptFile))
                    }
                    text += String(decoding: data, as: UTF8.self)
                }
                continuation.resume(returning: text)
            }
        }
    }

    private func value(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix("export \(name)='") }
            .map { String($0.dropFirst("export \(name)='".count).dropLast()) }
    }
}
