import ArgumentParser
import TokenCore

struct List: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the connections and their state.",
        usage: "teams-token list [--needs-reauth] [--due] [--csv | --json] [<options>]",
        discussion: """
            States: fresh, due (the next pass refreshes it), expired (so does the next pass), needs \
            sign-in, needs consent, backing off (due, tried again later), malformed (the row can't be \
            read), no refresh token. CSV and JSON name them as the counts of maintain-teams --json do.

            EXAMPLES:
              teams-token list --needs-reauth       who has to sign in again
              teams-token list --csv > teams.csv    for a spreadsheet

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "the list is complete, whatever it says"), (.usage, nil),
                (.database, "the database can't be opened, read or understood"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Flag(help: "Only those that need a person: sign-in, consent, no refresh token.")
    var needsReauth = false

    @Flag(help: "Only those that are due, expired or backing off.")
    var due = false

    @Flag(help: "Print comma-separated values (RFC 4180) with a header.")
    var csv = false

    @Flag(help: "Print one JSON document: {\"connections\":[…]}.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if csv, json { throw ValidationError("--csv and --json exclude each other") }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let request = ListRequest(
            form: csv ? .csv : json ? .json : .table, onlyNeedsPerson: needsReauth, onlyDue: due)
        let program = AdminProgram(common.invocation(environment, json: json))
        return { await program.list(request) }
    }
}
