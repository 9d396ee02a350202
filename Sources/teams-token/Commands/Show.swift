import ArgumentParser
import TokenCore

struct Show: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is known of a connection, except its tokens.",
        usage: "teams-token show <user> ... [--json] [<options>]",
        discussion: """
            The row, its state, the last error with its codes, who must act and what helps. The claims \
            of an access token that is a JWT are decoded and not verified: for inspection only.

            EXAMPLE:
              teams-token show 7

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "shown, whatever its state"), (.usage, "bad arguments, or no such user"),
                (.database, "the database can't be opened, read or understood"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Argument(help: ArgumentHelp("Users, as in user_id.", valueName: "user"), completion: .user)
    var users: [String]

    @Flag(help: "Print one JSON document: {\"connections\":[…]}.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(common.invocation(environment, json: json))
        return { [users] in await program.show(users) }
    }
}
