import ArgumentParser
import TokenCore

struct Import: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import connections from a dump, all or nothing.",
        usage: "teams-token import [<file>] [--replace] [<options>]",
        discussion: """
            Reads a table with a header as mysql --batch prints it, or JSON lines. Needed are user_id, \
            access_token, refresh_token (may be NULL) and expires_at; provider, token_type, scope, \
            created_at and updated_at are taken too, other columns ignored, and rows of other providers \
            skipped. One bad line, and nothing is stored.

            EXAMPLES:
              mysql --batch -e 'SELECT * FROM oauth_tokens' app | teams-token import
              teams-token import --replace tokens.jsonl

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "all connections are in the table"),
                (.usage, "bad arguments, bad lines, or users that are in the table already"),
                (.database, "the database can't be opened, written or understood"),
                (.permission, nil), (.config, "configuration missing or wrong"),
            ]))
            """)

    @Argument(
        help: ArgumentHelp("File to read; none or - is standard input.", valueName: "file"),
        completion: .file())
    var file: String?

    @Flag(
        help: ArgumentHelp(
            "Overwrite connections that are in the table already. A NULL never replaces a refresh token."
        ))
    var replace = false

    @Flag(help: "Print exactly one JSON document on stdout.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let program = AdminProgram(common.invocation(environment, json: json))
        return { [file, replace] in
            await program.importConnections(from: file, replaces: replace)
        }
    }
}
