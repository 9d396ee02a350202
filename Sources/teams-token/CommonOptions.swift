// What every command takes.

import ArgumentParser
import TokenCore

struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Env file with the settings.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("SQLite file that holds oauth_tokens.", valueName: "file"),
        completion: .file())
    var database: String?

    @Option(help: ArgumentHelp("Provider whose rows are ours (microsoft).", valueName: "name"))
    var provider: String?

    func invocation(_ environment: [String: String], json: Bool = false) -> PassInvocation {
        var invocation = PassInvocation(program: "teams-token", environment: environment)
        invocation.options[SettingKey.database.rawValue] = database
        invocation.options[SettingKey.provider.rawValue] = provider
        invocation.configFile = config
        invocation.json = json
        return invocation
    }
}
