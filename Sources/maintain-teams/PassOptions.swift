// The options of `maintain-teams`. Values of settings stay text here: the configuration checks them
// together with the environment and the config file, and reports all that is wrong at once.

import ArgumentParser
import TokenCore

struct PassOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain-teams",
        abstract: "Keep Microsoft Teams connections alive while their users are logged out.",
        discussion: """
            One pass: refresh the OAuth tokens that expire soon, store them, exit with a status. Made for \
            cron, every 15 minutes.

            EXAMPLES:
              maintain-teams --dry-run              what would be refreshed
              maintain-teams --user 7 --force -v    refresh one user now
              maintain-teams --test-api --json      test the tokens, for a program

            EXIT STATUS:
            \(ExitStatus.manual)

            Settings come from options, the environment and an env file: see maintain-teams.env(5).
            """,
        version: "maintain-teams \(ProductVersion.current)")

    @Flag(
        name: [.customShort("n"), .long],
        help: "List what would be refreshed; no lock, no write, no network.")
    var dryRun = false

    @Flag(
        name: .customLong("test-api"),
        help: "Test each live access token with GET /me of the Graph API.")
    var testAPI = false

    @Option(
        name: .customLong("user"),
        help: ArgumentHelp("Only this user; may be repeated.", valueName: "id"), completion: .user)
    var users: [String] = []

    @Flag(help: "With --user: refresh whether due, backing off or not.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "A token is due when it expires within this time (30m).", valueName: "duration"))
    var refreshBefore: String?

    @Option(help: ArgumentHelp("Time budget of the pass (12m).", valueName: "duration"))
    var maxDuration: String?

    @Option(help: ArgumentHelp("Requests in flight, 1 to 1024 (16).", valueName: "n"))
    var concurrency: String?

    @Option(help: ArgumentHelp("How long to wait for another pass (0s).", valueName: "duration"))
    var lockWait: String?

    @Option(
        help: ArgumentHelp(
            "Which problems are printed: always, change or error.", valueName: "policy"),
        completion: .list(ReportPolicy.allCases.map(\.rawValue)))
    var report: String?

    @Option(
        help: ArgumentHelp("Append log lines to this file.", valueName: "file"), completion: .file()
    )
    var logFile: String?

    @Option(
        help: ArgumentHelp("Form of log lines: text or json.", valueName: "format"),
        completion: .list(LogFormat.allCases.map(\.rawValue)))
    var logFormat: String?

    @Option(
        help: ArgumentHelp("Least important level that is logged (info).", valueName: "level"),
        completion: .list(LogLevel.allCases.map(\.rawValue)))
    var logLevel: String?

    @Option(
        help: ArgumentHelp("Write Prometheus metrics to this file.", valueName: "file"),
        completion: .file())
    var metricsFile: String?

    @Option(help: ArgumentHelp("Provider whose rows are ours (microsoft).", valueName: "name"))
    var provider: String?

    @Flag(help: "Print exactly one JSON document on stdout.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing but the first line of a failure.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print every connection and its outcome; twice: timings too.")
    var verbose: Int

    @Option(
        help: ArgumentHelp("Env file with the settings.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("SQLite file that holds oauth_tokens.", valueName: "file"),
        completion: .file())
    var database: String?

    func validate() throws {
        if force, users.isEmpty {
            throw ValidationError("--force is only allowed together with --user")
        }
    }

    func invocation(_ environment: [String: String]) -> PassInvocation {
        var invocation = PassInvocation(program: "maintain-teams", environment: environment)
        let settings: [(SettingKey, String?)] = [
            (.refreshBefore, refreshBefore), (.maxDuration, maxDuration),
            (.concurrency, concurrency), (.lockWait, lockWait), (.report, report),
            (.logFile, logFile), (.logFormat, logFormat), (.logLevel, logLevel),
            (.metricsFile, metricsFile), (.provider, provider), (.database, database),
        ]
        for (key, value) in settings { invocation.options[key.rawValue] = value }
        invocation.configFile = config
        invocation.users = users
        invocation.force = force
        invocation.testAPI = testAPI
        invocation.dryRun = dryRun
        invocation.json = json
        invocation.quiet = quiet
        invocation.verbosity = verbose
        return invocation
    }
}
