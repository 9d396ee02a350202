/// What a run of `maintain-teams` was asked to do, as values.

public struct PassInvocation: Sendable {
    public var program: String
    /// Values given by options, by the names of their settings.
    public var options: [String: String] = [:]
    public var configFile: String?
    public var users: [String] = []
    public var force = false
    public var testAPI = false
    public var dryRun = false
    public var json = false
    public var quiet = false
    /// How often `--verbose` was given.
    public var verbosity = 0
    public var environment: [String: String]

    /// Whether it is the program that a scheduler starts, not a command of the admin's.
    var isJob: Bool { program == "maintain-teams" }

    public init(program: String, environment: [String: String]) {
        self.program = program
        self.environment = environment
    }
}
