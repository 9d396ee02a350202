/// A sign-in that a person watches and a signal can end at any moment: whichever comes first counts.

internal import FoundationEssentials

extension AdminProgram {
    /// - Throws: ``RunFailure``: nobody signed in, with what to do next.
    func signIn(
        _ user: String, as userID: UserID, scope: String, _ store: TokenStore,
        _ configuration: Configuration,
        _ signals: TerminationSignals
    ) async throws(RunFailure) -> DeviceSignIn.Success {
        let screen = SignInScreen(
            console: console, user: user, program: invocation.program,
            linesGoToError: invocation.json)
        defer { screen.close() }
        let http = CurlHTTPClient(settings: CurlSettings(configuration))
        let flow = DeviceSignIn(
            endpoint: TokenEndpoint(
                registration: configuration.registration, http: http, now: clock.now),
            clock: clock, countsDown: console.errorIsTerminal, observe: { screen.show($0) })
        switch await firstOf(flow, scope: scope, signals) {
        case .signal(let number):
            screen.close()
            throw RunFailure(
                .interrupted(number),
                "stopped by a signal; nothing was stored")
        case .finished(.success(let success)): return success
        case .finished(.failure(let failure)):
            if case .refused(let error) = failure { await remember(error, in: store) }
            if case .noCode(let error) = failure { await remember(error, in: store) }
            screen.close()
            throw FailedSignIn(
                user: userID, provider: configuration.provider, remedies: configuration.remedies
            ).failure(failure)
        }
    }

    private enum SignInEnd: Sendable {
        case finished(Result<DeviceSignIn.Success, DeviceSignIn.Failure>)
        case signal(Int32)
    }

    /// A request under way is not waited for once a signal has come: it changes nothing here.
    private func firstOf(
        _ flow: DeviceSignIn, scope: String, _ signals: TerminationSignals
    ) async -> SignInEnd {
        let (ends, continuation) = AsyncStream.makeStream(of: SignInEnd.self)
        let first = signals.first
        let listener = Task {
            for await number in first { continuation.yield(.signal(number)) }
        }
        let asker = Task {
            do throws(DeviceSignIn.Failure) {
                continuation.yield(.finished(.success(try await flow.run(scope: scope))))
            } catch {
                continuation.yield(.finished(.failure(error)))
            }
        }
        defer {
            listener.cancel()
            asker.cancel()
        }
        for await end in ends { return end }
        return .finished(.failure(.cancelled))
    }

    /// The next process obeys the pause too.
    private func remember(_ error: TokenEndpointError, in store: TokenStore) async {
        guard error.kind == .throttled, let pause = error.retryAfter else { return }
        try? await store.pauseClient(until: clock.now() + pause.seconds)
    }
}
