/// `teams-token exec`: a command with a token in its environment, in place of this process.

extension AdminProgram {
    /// - Returns: Why the command did not take over.
    public func execute(
        _ request: TokenRequest, _ command: SuccessorProgram, signals: TerminationSignals
    ) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let supply = try TokenSupply(self, configuration, request, signals)
            let token = try await use(supply, by: "exec", configuration)
            let error = command.takeOver(
                without: SecretVariables.names,
                adding: [SecretVariables.accessToken: token.accessToken.exposed], signals)
            guard let error else {
                throw RunFailure(
                    .interrupted(signals.received ?? 0), "stopped by a signal before the command")
            }
            throw RunFailure(
                error.isMissing ? .commandNotFound : .commandNotExecutable,
                "\(command.name.sanitized()): \(error.reason.lowercased())")
        }
    }
}
