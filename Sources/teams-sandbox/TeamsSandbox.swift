import ArgumentParser
import FoundationEssentials
import Glibc
import SandboxKit

/// `teams-sandbox`: Microsoft's side of the conversation, on this machine, until SIGINT or SIGTERM.
@main
struct TeamsSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teams-sandbox",
        abstract: "A loopback stand-in for Microsoft's token endpoint and Graph.",
        discussion: """
            Prints the environment that points maintain-teams and teams-token at it, and serves \
            until it is interrupted. Not for production: it has no secrets to keep.
            """,
        subcommands: [RefreshToken.self, AccessToken.self])

    @Option(help: "TCP port on 127.0.0.1; 0 takes any free one.")
    var port = 0

    @Flag(help: "HTTP without TLS.")
    var plainHTTP = false

    @Option(name: .customLong("client-id"), help: "The client ID to expect.")
    var clientID = SandboxConfiguration().clientID ?? ""

    @Option(help: "The client secret to expect; empty for a public client.")
    var clientSecret = SandboxConfiguration().clientSecret ?? ""

    @Flag(help: "A refresh token dies when it is redeemed.")
    var strictRotation = false

    @Option(help: "Lifetime of access tokens in seconds. (default: 3600 to 5400 at random)")
    var expiresIn: Int?

    @Option(help: "Milliseconds before every answer.")
    var latency = 0

    @Option(help: "JSON file with faults and device login to start with.")
    var script: String?

    @Option(help: "JSON file to write when listening: base_url, graph_url, ca_file, pid.")
    var readyFile: String?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("no such port: \(port)") }
        guard latency >= 0 else { throw ValidationError("a latency is never negative") }
        guard expiresIn.map({ $0 > 0 }) ?? true else {
            throw ValidationError("a lifetime is at least one second")
        }
    }

    func run() async throws {
        FileLimit.raise()
        let signals = StopSignals()
        let script = try script.map(readScript)
        try await Sandbox.withSandbox(sandboxConfiguration) { sandbox in
            if let script { sandbox.apply(script) }
            print(environment(of: sandbox))
            // Standard output is a pipe when a script reads it, and pipes are buffered.
            fflush(nil)
            if let readyFile { try writeReadyFile(readyFile, sandbox) }
            await signals.first()
            if let readyFile { unlink(readyFile) }
        }
    }

    private var sandboxConfiguration: SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.port = port
        configuration.usesTLS = !plainHTTP
        configuration.clientID = clientID
        configuration.clientSecret = clientSecret.isEmpty ? nil : clientSecret
        configuration.rotation = strictRotation ? .strict : .lenient
        if let expiresIn { configuration.expiresIn = expiresIn...expiresIn }
        configuration.latency = .milliseconds(latency)
        return configuration
    }

    private func readScript(_ path: String) throws -> SandboxScript {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            return try JSONDecoder().decode(SandboxScript.self, from: data)
        } catch {
            throw ValidationError("script \(path): \(error)")
        }
    }

    private func environment(of sandbox: Sandbox) -> String {
        var lines = [
            "# teams-sandbox is listening; faults: POST \(sandbox.baseURL)/sandbox/faults",
            "export TEAMS_AUTHORITY_HOST='\(sandbox.baseURL)'",
            "export TEAMS_GRAPH_URL='\(sandbox.graphURL)'",
        ]
        if let file = sandbox.certificateFile { lines.append("export TEAMS_CA_FILE='\(file)'") }
        lines.append("export TEAMS_CLIENT_ID='\(clientID)'")
        if !clientSecret.isEmpty { lines.append("export TEAMS_CLIENT_SECRET='\(clientSecret)'") }
        return lines.joined(separator: "\n")
    }

    private struct Ready: Encodable {
        var baseURL: String
        var graphURL: String
        var certificateFile: String?
        var processID: Int32

        enum CodingKeys: String, CodingKey {
            case baseURL = "base_url"
            case graphURL = "graph_url"
            case certificateFile = "ca_file"
            case processID = "pid"
        }
    }

    /// Renamed into place, so that whoever sees the file sees all of it.
    private func writeReadyFile(_ path: String, _ sandbox: Sandbox) throws {
        let ready = Ready(
            baseURL: sandbox.baseURL, graphURL: sandbox.graphURL,
            certificateFile: sandbox.certificateFile, processID: getpid())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(ready).write(to: URL(filePath: path), options: .atomic)
    }
}
