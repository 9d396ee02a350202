import ArgumentParser
import TokenCore

struct Remove: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove connections and all that is remembered of them.",
        usage: "teams-token remove <user> ... [--yes] [<options>]",
        discussion: """
            Deletes the rows and overwrites what they held. Microsoft can't revoke one token: an access \
            token works until it expires, and a copied refresh token for up to 90 days. To end them, \
            let the user or an admin revoke all of the user's sessions.

            EXAMPLES:
              teams-token remove 7
              teams-token remove --yes 7 8 9      in a script

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "the connections are gone"),
                (.usage, "bad arguments, no such user, or not confirmed"),
                (.database, "the database can't be opened, written or understood"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Argument(help: ArgumentHelp("Users, as in user_id.", valueName: "user"), completion: .user)
    var users: [String]

    @Flag(help: "Don't ask; needed where there is no terminal.")
    var yes = false

    @Flag(help: "Print exactly one JSON document on stdout.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(common.invocation(environment, json: json))
        return { [users, yes] in await program.remove(users, isConfirmed: yes) }
    }
}
