import ArgumentParser
import TokenCore

struct Init: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create the database with an empty table oauth_tokens.",
        usage: "teams-token init [<options>]",
        discussion: """
            Creates the file with mode 0600, its directory if need be, and the table and its index. \
            An existing table is never touched, so doing it again is harmless.

            EXAMPLE:
              teams-token init --database /var/lib/maintain-teams/teams.sqlite3

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "the table is there, created now or before"), (.usage, nil),
                (.database, "the database can't be created, or its table can't be used"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Flag(help: "Print exactly one JSON document on stdout.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(common.invocation(environment, json: json))
        return { await program.initialize() }
    }
}
