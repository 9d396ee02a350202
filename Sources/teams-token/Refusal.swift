// Arguments that can't be understood, told like every other failure, with the word that was meant.

import ArgumentParser
import TokenCore

struct Refusal {
    let arguments: [String]
    let environment: [String: String]

    struct Mistake {
        let message: String
        let hint: String
    }

    /// A first argument that is no command; nil when there is nothing wrong with it.
    var mistakenCommand: Mistake? {
        let commands = TeamsToken.configuration.subcommands.compactMap {
            $0.configuration.commandName
        }
        guard let first = arguments.first else {
            return Mistake(
                message: "no command given",
                hint: "one of \(commands.joined(separator: ", ")); see teams-token --help")
        }
        guard !first.hasPrefix("-"), first != "help", !commands.contains(first) else { return nil }
        let nearest = NearestName.of(first, among: commands + ["help"], limit: 2)
        return Mistake(
            message: "there is no command \(first.sanitized(limit: 64))",
            hint: nearest.map { "did you mean teams-token \($0)?" }
                ?? "one of \(commands.joined(separator: ", ")); see teams-token --help")
    }

    /// Help and version are no errors.
    func tell(_ error: any Error) -> ExitStatus {
        guard TeamsToken.exitCode(for: error) != .success else {
            print(TeamsToken.fullMessage(for: error))
            return .ok
        }
        let name = arguments.first.flatMap { $0.hasPrefix("-") ? nil : "\($0) " } ?? ""
        return tell(
            Mistake(message: TeamsToken.message(for: error), hint: "see teams-token \(name)--help"))
    }

    func tell(_ mistake: Mistake) -> ExitStatus {
        var invocation = PassInvocation(program: "teams-token", environment: environment)
        let options = arguments.prefix { $0 != "--" }
        invocation.json = options.contains("--json")
        if arguments.first == Status.configuration.commandName {
            return AdminProgram(invocation).refuseStatus(mistake.message, hint: mistake.hint)
        }
        if arguments.first == Health.configuration.commandName, options.contains("--nagios") {
            return AdminProgram(invocation).refuseHealth(mistake.message)
        }
        invocation.quiet = options.contains("-q") || options.contains("--quiet")
        return PassProgram.refuse(invocation, mistake.message, hint: mistake.hint)
    }
}
