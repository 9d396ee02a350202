/// `teams-token access-token`: a token on stdout and nothing else.

internal import Glibc

extension AdminProgram {
    /// - Parameter showsOnTerminal: Whether a terminal may have it.
    public func accessToken(
        _ request: TokenRequest, showsOnTerminal: Bool, signals: TerminationSignals
    ) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            if console.outIsTerminal, !showsOnTerminal {
                throw RunFailure(
                    .usage, "a token is not shown on a terminal, which remembers it",
                    hint: "pipe it to the program that needs it, or give --force")
            }
            let supply = try TokenSupply(self, configuration, request, signals)
            let token = try await use(supply, by: "access-token", configuration)
            let expiry: JSON = .time(token.expiresAt)
            let line =
                invocation.json
                ? JSON.members([
                    ("access_token", .string(token.accessToken.exposed)), ("expires_at", expiry),
                    ("user_id", .user(token.userID)),
                ]).line : token.accessToken.exposed
            do throws(SystemError) { try console.deliver(line) } catch {
                throw RunFailure(.internal, "\(error)", hint: "nobody got the token")
            }
            return .ok
        }
    }

    /// The token that somebody gets now, which is written down.
    func use(
        _ supply: TokenSupply, by command: String, _ configuration: Configuration
    ) async throws(RunFailure) -> HeldToken {
        let supplied = try await supply.supply()
        if let warning = supplied.warning {
            console.error("\(invocation.program): warning: \(warning)", .warning)
        }
        TokenUseLog(configuration).note(
            supplied.token.userID, provider: configuration.provider, command: command)
        return supplied.token
    }
}
