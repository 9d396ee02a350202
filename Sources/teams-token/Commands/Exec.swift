import ArgumentParser
import TokenCore

struct Exec: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command with an access token in its environment.",
        usage:
            """
            teams-token exec <user> [--min-valid <duration>] [<options>]
                             -- <command> ...
            """,
        discussion: """
            The command gets the token in TEAMS_ACCESS_TOKEN, by the rules of access-token, and none \
            of our own secrets. It takes the place of teams-token: same process, same streams and \
            signals, and its exit status is what the caller sees.

            EXAMPLE:
              teams-token exec 7 -- ./copy-messages --since yesterday

            EXIT STATUS:
            That of the command, or of what kept it from its start:
            \(ExitStatus.manual(
                AccessToken.failures + [(.commandNotExecutable, nil), (.commandNotFound, nil)]))
            """)

    @OptionGroup var token: TokenOptions

    @OptionGroup var common: CommonOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("give a command after --") }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        Self.program(token.request, common.invocation(environment), words: command.count)
    }

    /// - Parameter words: How many of the arguments, counted from the last, are the command's.
    static func program(
        _ request: TokenRequest, _ invocation: PassInvocation, words: Int
    ) -> @Sendable () async -> ExitStatus {
        let successor = SuccessorProgram(lastWords: words)
        let program = AdminProgram(invocation)
        let signals = TerminationSignals()
        return { await program.execute(request, successor, signals: signals) }
    }
}
