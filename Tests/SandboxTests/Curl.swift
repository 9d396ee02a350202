import Foundation
import SandboxKit
import TestSupport
import Testing

/// The `curl` program as a client that the sandbox's authors did not write.
struct Curl {
    /// What curl saw.
    struct Answer {
        /// curl's exit code; 0 when the transfer was complete, see `man curl`.
        var exitCode: Int32
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: Data

        var text: String { String(decoding: body, as: UTF8.self) }

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        }

        func string(_ name: String) -> String? { json[name] as? String }
        func number(_ name: String) -> Int? { json[name] as? Int }
    }

    let sandbox: Sandbox

    var tokenURL: String { sandbox.baseURL + "/common/oauth2/v2.0/token" }

    func refresh(_ token: String, _ more: [String] = [], scope: String? = nil) async throws
        -> Answer
    {
        var form = ["grant_type=refresh_token", "refresh_token=\(token)"] + credential
        if let scope { form.append("scope=\(scope)") }
        return try await post(tokenURL, form, more)
    }

    /// Redeems a user's first refresh token.
    func refresh(user: String) async throws -> Answer {
        try await refresh(Sandbox.refreshToken(user: user))
    }

    func me(user: String, expiresAt: Date = .distantFuture) async throws -> Answer {
        let token = Sandbox.accessToken(user: user, expiresAt: expiresAt)
        return try await get(sandbox.graphURL + "/me", ["-H", "Authorization: Bearer \(token)"])
    }

    var credential: [String] {
        ["client_id=\(sandbox.configuration.clientID ?? "any")"]
            + (sandbox.configuration.clientSecret.map { ["client_secret=\($0)"] } ?? [])
    }

    func post(_ url: String, _ form: [String], _ more: [String] = []) async throws -> Answer {
        try await run(more + form.flatMap { ["--data-urlencode", $0] } + [url])
    }

    func get(_ url: String, _ more: [String] = []) async throws -> Answer {
        try await run(more + [url])
    }

    func run(_ arguments: [String]) async throws -> Answer {
        let trust = sandbox.certificateFile.map { ["--cacert", $0] } ?? []
        let (exitCode, output) = try await launch(
            "/usr/bin/env", ["curl", "-s", "-i", "--noproxy", "*"] + trust + arguments)
        return parse(exitCode, output)
    }

    private func parse(_ exitCode: Int32, _ output: Data) -> Answer {
        let separator = Data("\r\n\r\n".utf8)
        guard let end = output.range(of: separator) else {
            return Answer(exitCode: exitCode, status: 0, headers: [:], body: output)
        }
        let head = String(decoding: output[..<end.lowerBound], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Answer(
            exitCode: exitCode, status: status,
            headers: Dictionary(pairs, uniquingKeysWith: { $0 + ", " + $1 }),
            body: output[end.upperBound...])
    }
}

/// Runs a program to its end: its exit code and what it wrote, byte for byte.
func launch(_ path: String, _ arguments: [String]) async throws -> (Int32, Data) {
    let directory = try TemporaryDirectory()
    var program = ProgramRunner(path: path, environment: ProcessInfo.processInfo.environment)
    program.output = .file(directory.file("output"))
    let result = try await program.run(arguments)
    return (try #require(result.exitCode), Data(directory.contents("output") ?? []))
}

/// A sandbox without TLS, for what has nothing to do with TLS, and a client for it.
func withSandbox(
    _ change: (inout SandboxConfiguration) -> Void = { _ in },
    _ body: (Sandbox, Curl) async throws -> Void
) async throws {
    var configuration = SandboxConfiguration()
    configuration.usesTLS = false
    change(&configuration)
    try await Sandbox.withSandbox(configuration) { try await body($0, Curl(sandbox: $0)) }
}
