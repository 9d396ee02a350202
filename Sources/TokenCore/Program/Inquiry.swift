/// Asking after connections: read, refresh what may be refreshed if that was wished, test, read again.

internal import FoundationEssentials

struct Inquiry: Sendable {
    let program: AdminProgram
    let request: StatusRequest
    let configuration: Configuration
    /// Nil where nothing is refreshed.
    let signals: TerminationSignals?

    struct Findings: Sendable {
        var statuses: [ConnectionStatus] = []
        /// For users that are unknown, who was probably meant.
        var nearest: [String: String] = [:]
        var signal: Int32?
    }

    func run() async throws(RunFailure) -> Findings {
        var found = try await read()
        var refresh = NamedRefresh.Outcome()
        if request.refreshes {
            let waiting = found.filter { $0.1.contains(where: mayBeRefreshed) }.map(\.0)
            refresh = await self.refresh(waiting)
            if !waiting.isEmpty { found = try await read() }
        }
        var findings = try await judge(found, after: refresh)
        if request.testsAPI, findings.signal == nil {
            findings.statuses = try await test(findings.statuses)
        }
        return findings
    }

    // MARK: Reading

    private func read() async throws(RunFailure) -> [(String, [InspectedConnection])] {
        let store = try program.openForReading(configuration)
        let now = program.clock.now()
        var found: [(String, [InspectedConnection])] = []
        for user in request.users {
            let rows = try await program.storeFailure {
                try await store.inspect(user: user, at: now)
            }
            found.append((user, rows))
        }
        return found
    }

    private func judge(
        _ found: [(String, [InspectedConnection])], after refresh: NamedRefresh.Outcome
    ) async throws(RunFailure) -> Findings {
        var findings = Findings(signal: refresh.signal)
        let now = program.clock.now()
        for (user, rows) in found {
            for row in rows {
                var status = ConnectionStatus(
                    row, margin: configuration.refreshBefore,
                    latest: refresh.problem(of: row.userID), at: now)
                // A token that still works is worth more than the news that it could not be renewed.
                if status.kind != .connected { status.failure = refresh.failure }
                findings.statuses.append(status)
            }
            if rows.isEmpty {
                findings.statuses.append(
                    ConnectionStatus(unknown: user, provider: configuration.provider))
                let store = try program.openForReading(configuration)
                let nearest = try await program.storeFailure {
                    try await store.nearestUser(to: user)
                }
                findings.nearest[user] = nearest
            }
        }
        return findings
    }

    // MARK: Refreshing

    /// Nothing is opened for writing unless there is something to do.
    private func mayBeRefreshed(_ row: InspectedConnection) -> Bool {
        let now = program.clock.now()
        let state = row.state(margin: configuration.refreshBefore, at: now)
        switch state {
        case .due, .expired: return true
        case .reauthRequired, .consentRequired: return row.failure?.isBackingOff(at: now) == false
        case .fresh, .backingOff, .malformed, .noRefreshToken: return false
        }
    }

    /// - Parameter forced: Whether a token that looks fresh is to be replaced as well.
    private func refresh(_ users: [String], forced: Bool = false) async -> NamedRefresh.Outcome {
        guard !users.isEmpty, let signals else { return NamedRefresh.Outcome() }
        return await NamedRefresh(program: program, configuration: configuration, signals: signals)
            .run(users, forced: forced)
    }

    // MARK: Testing

    private func test(_ statuses: [ConnectionStatus]) async throws(RunFailure) -> [ConnectionStatus]
    {
        let http = CurlHTTPClient(settings: CurlSettings(configuration))
        let probe = GraphProbe(root: configuration.graphURL, http: http, now: program.clock.now)
        var tested: [ConnectionStatus] = []
        for status in statuses {
            var status = status
            if status.kind == .connected {
                status.probe = try await ask(probe, status.userID)
                if request.refreshes, case .unauthorized? = status.probe, !status.needsPerson {
                    status = try await mended(status, probe)
                }
            }
            tested.append(status)
        }
        return tested
    }

    private func ask(_ probe: GraphProbe, _ userID: UserID) async throws(RunFailure) -> ProbeResult
    {
        let store = try program.openForReading(configuration)
        let token = try await program.storeFailure { try await store.accessToken(of: userID) }
        guard let token else { return .error(message: "the row is gone") }
        return await probe.probe(token)
    }

    /// Graph may have stopped to accept a token that has not expired: another one helps, or the refresh
    /// says what would.
    private func mended(
        _ status: ConnectionStatus, _ probe: GraphProbe
    ) async throws(RunFailure) -> ConnectionStatus {
        let user = status.userID.description
        let refresh = await self.refresh([user], forced: true)
        let store = try program.openForReading(configuration)
        let now = program.clock.now()
        let rows = try await program.storeFailure { try await store.inspect(user: user, at: now) }
        guard let row = rows.first(where: { $0.userID == status.userID }) else { return status }
        var mended = ConnectionStatus(
            row, margin: configuration.refreshBefore, latest: refresh.problem(of: row.userID),
            at: now)
        mended.probe = try await ask(probe, status.userID)
        return mended
    }
}
