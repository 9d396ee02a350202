import ArgumentParser
import TokenCore

struct History: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the last passes, the newest first.",
        usage: "teams-token history [--limit <n>] [--json] [<options>]",
        discussion: """
            When each pass began, how long it took, how it ended, and what became of the connections \
            that were due. \"unfinished\" is one that still runs, or was killed.

            EXAMPLE:
              teams-token history --limit 5

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "listed, whatever the passes came to"), (.usage, nil),
                (.database, "the database can't be opened, read or understood"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Option(help: ArgumentHelp("How many passes at most.", valueName: "n"))
    var limit = 20

    @Flag(help: "Print one JSON document: {\"passes\":[…]}.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is a number from 1 on") }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(common.invocation(environment, json: json))
        return { [limit] in await program.history(limit: limit) }
    }
}
