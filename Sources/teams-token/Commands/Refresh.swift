import ArgumentParser
import TokenCore

struct Refresh: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Refresh named connections now, or all that are due.",
        usage:
            "teams-token refresh <user> ... [<options>]\nteams-token refresh --all [<options>]",
        discussion: """
            By the same code, lock and report as maintain-teams. Named users are refreshed whether due \
            or not; --all refreshes what a pass would.

            EXAMPLES:
              teams-token refresh 7
              teams-token refresh --all --lock-wait 60s

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, nil), (.reauth, nil), (.busy, nil), (.reauthAndTransient, nil),
                (.usage, "bad arguments, or no such user"), (.database, nil), (.transient, nil),
                (.permission, nil), (.config, nil),
            ]))
            """)

    @Argument(help: ArgumentHelp("Users, as in user_id.", valueName: "user"), completion: .user)
    var users: [String] = []

    @Flag(help: "All connections that are due.")
    var all = false

    @Flag(
        name: .customLong("test-api"), help: "Test the access tokens with GET /me of the Graph API."
    )
    var testAPI = false

    @Option(help: ArgumentHelp("How long to wait for another pass (0s).", valueName: "duration"))
    var lockWait: String?

    @Flag(help: "Print exactly one JSON document on stdout.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing but the first line of a failure.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print every connection and its outcome; twice: timings too.")
    var verbose: Int

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if all, !users.isEmpty { throw ValidationError("name users, or give --all, not both") }
        if !all, users.isEmpty { throw ValidationError("name a user, or give --all") }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        var invocation = common.invocation(environment, json: json)
        invocation.options[SettingKey.lockWait.rawValue] = lockWait
        // Whoever refreshes by hand wants to hear of it each time, and takes no news from cron's mail.
        invocation.options[SettingKey.report.rawValue] = ReportPolicy.always.rawValue
        invocation.users = users
        invocation.force = !users.isEmpty
        invocation.testAPI = testAPI
        invocation.quiet = quiet
        invocation.verbosity = verbose
        let program = PassProgram(invocation, signals: TerminationSignals())
        return { await program.run() }
    }
}
