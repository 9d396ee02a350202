/// What the commands of `teams-token` have in common: settings, the database opened for reading, named
/// users, and how a failure is told. A command is an extension in a file of its own.

internal import FoundationEssentials
internal import Glibc

public struct AdminProgram: Sendable {
    let invocation: PassInvocation
    let console: Console
    let clock: PassClock

    public init(_ invocation: PassInvocation, clock: PassClock = .system) {
        self.invocation = invocation
        self.clock = clock
        console = Console(environment: invocation.environment)
    }

    /// Runs a command; what it throws is told like the failure of a pass.
    /// - Parameter needsClient: Whether it sends requests.
    func run(
        needsClient: Bool = false, _ body: (Configuration) async throws(RunFailure) -> ExitStatus
    ) async -> ExitStatus {
        let reporter = reporter
        var configuration: Configuration?
        do throws(RunFailure) {
            let loaded = try loadConfiguration(needsClient: needsClient)
            configuration = loaded
            loaded.warnings.forEach(warn)
            let status = try await body(loaded)
            try checkOutput()
            return status
        } catch {
            return reporter.fail(error, configuration)
        }
    }

    var reporter: RunReporter { reporter(invocation) }

    /// For a command whose document is its own, for failures too.
    var plainReporter: RunReporter {
        var plain = invocation
        plain.json = false
        return reporter(plain)
    }

    private func reporter(_ invocation: PassInvocation) -> RunReporter {
        RunReporter(
            invocation: invocation, console: console, runID: UUID().uuidString.lowercased(),
            startedAt: clock.now(), startedUptime: clock.uptime(), clock: clock)
    }

    func loadConfiguration(needsClient: Bool) throws(RunFailure) -> Configuration {
        do throws(ConfigurationFailure) {
            return try invocation.configuration(needsClient: needsClient)
        } catch {
            throw RunFailure(error)
        }
    }

    /// Where the database is, with a warning about what is unwise there.
    func database(_ configuration: Configuration) throws(RunFailure) -> DatabasePlace {
        let place = try DatabasePlace.find(configuration)
        if let warning = place.warning { warn(warning) }
        return place
    }

    /// Opens the database and changes nothing in it.
    func openForReading(_ configuration: Configuration) throws(RunFailure) -> TokenStore {
        try openForReading(configuration, try database(configuration))
    }

    func openForReading(
        _ configuration: Configuration, _ place: DatabasePlace
    ) throws(RunFailure) -> TokenStore {
        var settings = TokenStore.Settings(configuration, path: place.path)
        settings.trustsRecordedFailures = configuration.clientID == nil
        do throws(StoreError) { return try TokenStore(settings, readOnly: true) } catch {
            throw RunFailure(error)
        }
    }

    /// Opens the database to change connections in it.
    func openForWriting(
        _ configuration: Configuration, _ place: DatabasePlace
    ) throws(RunFailure) -> TokenStore {
        do throws(StoreError) {
            return try TokenStore(
                TokenStore.Settings(configuration, path: place.path), readOnly: false)
        } catch {
            throw RunFailure(error)
        }
    }

    /// The connections of the users that were named, in that order.
    /// - Throws: ``RunFailure`` with status USAGE for the first that there is none of.
    func connections(
        of users: [String], in store: TokenStore, at now: Date
    ) async throws(RunFailure) -> [InspectedConnection] {
        var found: [InspectedConnection] = []
        for user in users.withoutRepetitions {
            let rows = try await storeFailure { try await store.inspect(user: user, at: now) }
            guard !rows.isEmpty else { throw try await unknownUser(user, in: store) }
            found += rows
        }
        return found
    }

    func unknownUser(_ user: String, in store: TokenStore) async throws(RunFailure) -> RunFailure {
        try await storeFailure { try await RunFailure.unknownUser(user, in: store) }
    }

    /// An error of the store as the failure of the command.
    func storeFailure<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws(RunFailure) -> Value {
        do { return try await body() } catch { throw RunFailure(StoreError.wrapping(error)) }
    }

    /// Warnings are for a person; whoever reads a pipe wants data.
    func warn(_ message: String) {
        guard console.errorIsTerminal else { return }
        console.warnOnce("\(invocation.program): warning: \(message.sanitized())")
    }

    /// Tells what a command that changed something came to.
    func tell(_ answer: some CommandAnswer) {
        if invocation.json { return console.out(answer.json.line) }
        answer.lines.forEach { console.out($0) }
        answer.warnings.forEach {
            console.error("\(invocation.program): warning: \($0)", .warning)
        }
    }

    /// A full disk behind stdout must not look like a short table.
    func checkOutput() throws(RunFailure) {
        if let failure = console.outFailure { throw RunFailure(.internal, "\(failure)") }
    }
}

/// What a command came to, for a person and for a program.
protocol CommandAnswer {
    var lines: [String] { get }
    var warnings: [String] { get }
    var json: JSON { get }
}

extension [String] {
    /// Each once, in the order given.
    var withoutRepetitions: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
