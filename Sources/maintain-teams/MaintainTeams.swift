// `maintain-teams`: arguments in, exit status out. The run itself is TokenCore's PassProgram.

import ArgumentParser
import TokenCore

@main
enum MaintainTeams {
    static func main() {
        ProcessSetup.prepare()
        let environment = ProcessSetup.environment
        let arguments = Array(CommandLine.arguments.dropFirst())
        let options: PassOptions
        do {
            options = try PassOptions.parse(arguments)
        } catch {
            ProcessSetup.exit(refuse(error, arguments, environment))
        }
        let signals = TerminationSignals()
        let program = PassProgram(options.invocation(environment), signals: signals)
        ProcessSetup.run { await program.run() }
    }

    /// Help and version are no errors; anything else is bad usage, told like every other failure.
    private static func refuse(
        _ error: any Error, _ arguments: [String], _ environment: [String: String]
    ) -> ExitStatus {
        guard PassOptions.exitCode(for: error) != .success else {
            print(PassOptions.fullMessage(for: error))
            return .ok
        }
        var invocation = PassInvocation(program: "maintain-teams", environment: environment)
        invocation.json = arguments.contains("--json")
        invocation.quiet = arguments.contains("-q") || arguments.contains("--quiet")
        invocation.dryRun = arguments.contains("-n") || arguments.contains("--dry-run")
        invocation.configFile = value(of: "--config", in: arguments)
        invocation.options[SettingKey.metricsFile.rawValue] = value(
            of: "--metrics-file", in: arguments)
        return PassProgram.refuse(
            invocation, PassOptions.message(for: error), hint: "see maintain-teams --help")
    }

    /// An option's value in arguments that make no sense as a whole.
    private static func value(of option: String, in arguments: [String]) -> String? {
        for (place, argument) in arguments.enumerated() {
            if argument.hasPrefix("\(option)=") {
                return String(argument.dropFirst(option.count + 1))
            }
            if argument == option, place + 1 < arguments.count { return arguments[place + 1] }
        }
        return nil
    }
}
