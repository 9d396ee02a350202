import ArgumentParser
import TokenCore

struct Login: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Sign a user in by device code and store the tokens.",
        usage: "teams-token login <user> [--replace-account] [<options>]",
        discussion: """
            Shows a page and a code; the user opens the page in any browser, enters the code and signs \
            in. A connection that is there already is replaced. The account is remembered: another one \
            the next time is refused without --replace-account. Without TEAMS_SCOPES it asks for \
            \(AdminProgram.signInScopes); offline_access is always asked for.

            EXAMPLE:
              teams-token login 7

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "the connection is stored"),
                (.reauth, "the user declined, or an admin must allow it"),
                (.usage, "bad arguments, or another account than the last time"),
                (.database, "the database can't be opened, written or understood"),
                (.transient, "the code expired, or the sign-in may succeed later"),
                (.permission, nil), (.config, nil),
            ]))
            """)

    @Argument(help: ArgumentHelp("User, as in user_id.", valueName: "user"), completion: .user)
    var user: String

    @Flag(help: "Let another account than the last time take the connection over.")
    var replaceAccount = false

    @Flag(help: "Print exactly one JSON document on stdout; page and code go to stderr.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let request = LoginRequest(user: user, replacesAccount: replaceAccount)
        let program = AdminProgram(common.invocation(environment, json: json))
        let signals = TerminationSignals()
        return { await program.login(request, signals: signals) }
    }
}
