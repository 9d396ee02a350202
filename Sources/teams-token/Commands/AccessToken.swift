import ArgumentParser
import TokenCore

struct AccessToken: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "access-token",
        abstract: "Print a valid access token, refreshed if need be.",
        usage:
            """
            teams-token access-token <user> [--min-valid <duration>] [--force]
                                     [--json] [<options>]
            """,
        discussion: """
            Prints the token and a line end, nothing else. A token that is valid for long enough is \
            read from the database: no request, no lock, no client secret. Near its end it is \
            refreshed by the rules of a pass; of many callers at once one does so, and all get the \
            same. They wait 30s for a pass under way. What was tried within the last minute is not \
            tried again. A token that is valid still and can't be refreshed is printed with a \
            warning. Each use leaves a line in TEAMS_LOG_FILE, or else in the system's log.

            EXAMPLES:
              teams-token access-token 7 | my-job
              teams-token access-token 7 --min-valid 20m --json

            EXIT STATUS:
            \(ExitStatus.manual([(.ok, "a valid token was printed")] + failures))
            """)

    @OptionGroup var token: TokenOptions

    @Flag(help: "Print it to a terminal too.")
    var force = false

    @Flag(help: "Print one JSON document: access_token, expires_at, user_id.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        Self.program(
            token.request, common.invocation(environment, json: json), showsOnTerminal: force)
    }

    static func program(
        _ request: TokenRequest, _ invocation: PassInvocation, showsOnTerminal: Bool
    ) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(invocation)
        let signals = TerminationSignals()
        return {
            await program.accessToken(request, showsOnTerminal: showsOnTerminal, signals: signals)
        }
    }

    /// How a command ends that has no token to hand on.
    static let failures: [(status: ExitStatus, meaning: String?)] = [
        (.internal, "the output could not be written, or a bug"),
        (.reauth, "no valid token, and only a person can help: the line says who"),
        (.busy, "no valid token, and a pass held the lock for 30s"),
        (.usage, "bad arguments, or no such user"), (.database, nil),
        (.transient, "no valid token, and a later call may succeed"),
        (.permission, nil), (.config, nil),
    ]
}
