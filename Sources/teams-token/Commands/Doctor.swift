import ArgumentParser
import TokenCore

struct Doctor: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for whatever is wrong with this installation.",
        usage: "teams-token doctor [--online] [--as-cron] [--json] [<options>]",
        discussion: """
            Settings, file modes, what this user may write, the table and its rows, time zone, spool, \
            libraries, and who starts the passes: each finding with what was seen, why it matters and \
            the command that mends it. Changes nothing and sends nothing, unless --online.

            EXAMPLES:
              sudo -u maintain-teams teams-token doctor --as-cron
              teams-token doctor --online

            EXIT STATUS (with several problems the first of 78, 77, 74, 75):
            \(ExitStatus.manual([
                (.ok, "no problem; there may be warnings"), (.usage, nil),
                (.database, "the database, its files or its directory keep passes from running"),
                (.transient, "a host can't be reached, or libcurl or CA certificates are missing"),
                (.permission, nil), (.config, "settings are missing or wrong"),
            ]))
            """)

    @Flag(help: "Also ask both hosts: names, connections, TLS, tenant, clock.")
    var online = false

    @Flag(
        name: .customLong("as-cron"),
        help: "Look at it with what cron gives its children: HOME, SHELL, PATH.")
    var asCron = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var common: CommonOptions

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let lost = asCron ? CronEnvironment.missing(from: environment) : []
        let environment = asCron ? CronEnvironment.adopt() : environment
        let request = CheckupRequest(isOnline: online, asCron: asCron, lostVariables: lost)
        let program = AdminProgram(common.invocation(environment, json: json))
        return { await program.doctor(request) }
    }
}
