// `teams-token`: the admin's tool. Arguments in, exit status out; what each command does is TokenCore's.

import ArgumentParser
import TokenCore

@main
struct TeamsToken: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teams-token",
        abstract: "Look after Microsoft Teams connections: inspect, refresh, set up.",
        discussion: """
            EXAMPLES:
              teams-token login 7              sign user 7 in and store the connection
              teams-token list                 every connection and its state
              teams-token show 7               all that is known of user 7
              teams-token refresh 7            refresh the token of user 7 now
              teams-token exec 7 -- my-job     run a job with a valid access token
              teams-token health               whether the passes do their work
              teams-token doctor               what is wrong with this installation

            Every command has its own help: teams-token list --help

            EXIT STATUS:
            \(ExitStatus.manual)
            """,
        version: "teams-token \(ProductVersion.current)",
        subcommands: [
            Init.self, Login.self, Import.self, List.self, Show.self, Status.self, Refresh.self,
            AccessToken.self, Exec.self, Remove.self, History.self, Health.self, Doctor.self,
        ])

    static func main() {
        ProcessSetup.prepare()
        let environment = ProcessSetup.environment
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let call = PlainTokenCall(arguments) { ProcessSetup.run(call.program(environment)) }
        let refusal = Refusal(arguments: arguments, environment: environment)
        if let mistake = refusal.mistakenCommand { ProcessSetup.exit(refusal.tell(mistake)) }
        do {
            var command = try parseAsRoot(arguments)
            if let command = command as? any AdminCommand {
                ProcessSetup.run(command.program(environment))
            }
            // Help, which ends by throwing what it has to say.
            try command.run()
        } catch {
            ProcessSetup.exit(refusal.tell(error))
        }
    }
}

/// A command: from its arguments to what is to be run.
protocol AdminCommand: ParsableCommand {
    /// Called on the main thread before any other is started, as signals need it.
    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus
}
