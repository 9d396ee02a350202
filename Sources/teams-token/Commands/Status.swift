import ArgumentParser
import TokenCore

struct Status: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell a program whether a connection works, as JSON.",
        usage: "teams-token status <user> ... [--test-api] [--refresh] [<options>]",
        discussion: """
            Prints one document for one user, an array for several. Its status is connected, expired, \
            disconnected (no row) or error. Asking changes nothing; with --refresh a token that is due \
            is refreshed first, by the same rules as in a pass.

            EXAMPLES:
              teams-token status 7
              teams-token status 7 --refresh --test-api

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "connected"),
                (.reauth, "a person is needed: see who and remedy"),
                (.busy, "with --refresh: another pass holds the lock"),
                (.reauthAndTransient, nil), (.usage, "bad arguments, or no such user"),
                (.database, "the database can't be opened, read, written or understood"),
                (.transient, "expired and refreshable, unreadable, or the API test failed"),
                (.permission, nil), (.config, nil),
            ]))
            """)

    @Argument(help: ArgumentHelp("Users, as in user_id.", valueName: "user"), completion: .user)
    var users: [String]

    @Flag(
        name: .customLong("test-api"), help: "Test the access token with GET /me of the Graph API.")
    var testAPI = false

    @Flag(help: "Refresh the token first if it is due.")
    var refresh = false

    @Flag(help: "Accepted for uniformity: the output is always JSON.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let request = StatusRequest(users: users, testsAPI: testAPI, refreshes: refresh)
        let program = AdminProgram(common.invocation(environment))
        let signals = refresh ? TerminationSignals() : nil
        return { await program.status(request, signals: signals) }
    }
}
