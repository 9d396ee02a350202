import ArgumentParser
import TokenCore

struct Health: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell whether the scheduled passes do their work.",
        usage: "teams-token health [--nagios | --json] [<options>]",
        discussion: """
            Is the last pass recent (two intervals at most), did it succeed, does a token die before \
            the next one, does anyone need a person, does a pass hang, is something left in the spool? \
            Passes over named users don't count. Reads the database only; needs no client settings.

            EXAMPLES:
              teams-token health
              teams-token health --nagios           one line with performance data
              teams-token health --json | jq .state

            EXIT STATUS:
            \(ExitStatus.manual([
                (.ok, "passes come in time and succeed, and no token is at risk"),
                (.reauth, "at least one connection needs a person; all else is well"),
                (.reauthAndTransient, nil), (.usage, nil),
                (.database, "the database can't be read, or could not take tokens"),
                (.transient, "no pass yet or for two intervals, one that failed, a token at risk"),
                (.permission, nil), (.config, nil),
            ]))

            With --nagios: 0 OK, 1 WARNING (something transient, or a person is needed), 2 CRITICAL \
            (a token expired or dies before the next pass, or no successful pass for two intervals), \
            3 UNKNOWN (configuration, database, usage, or no pass yet).
            """)

    @Flag(help: "Print one line and exit as a Nagios plugin does.")
    var nagios = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if nagios, json { throw ValidationError("--nagios and --json exclude each other") }
    }

    func program(_ environment: [String: String]) -> @Sendable () async -> ExitStatus {
        let form: HealthForm = nagios ? .nagios : json ? .json : .text
        let program = AdminProgram(common.invocation(environment, json: json))
        return { await program.health(form) }
    }
}
