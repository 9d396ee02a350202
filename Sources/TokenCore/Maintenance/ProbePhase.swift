/// `--test-api`: one harmless read of Graph with each live access token. What Graph says never changes
/// what is known of a refresh token; at most it causes one refresh.

internal import FoundationEssentials

struct ProbePhase {
    private(set) var counts = APITestCounts()
    private(set) var problems: [Problem] = []
    private(set) var warnings: [String] = []
    private(set) var changes: [StateChange] = []
    /// Refreshes that a 401 caused, by what they came to.
    private(set) var refreshes: [Verdict: Int] = [:]
    /// Tokens were received and could not be stored; they are in the spool.
    private(set) var storeFailure: StoreError?

    private let pass: MaintenancePass
    private let probe: GraphProbe
    /// Rows whose tokens are from this very pass: a 401 for them is not mended by another refresh.
    private let refreshed: Set<Int64>
    private let redeemer: Redeemer
    private let stop: StopSignal
    /// Those whose newer tokens the table refuses: no 401 is worth sending the older ones again.
    private let withheld: Set<ConnectionID>
    /// Whether a 401 may cause a refresh: not after the token endpoint refused the application or
    /// asked for a pause.
    private var mayRefresh: Bool
    private var tested = 0
    /// What Graph asked for.
    private var pause: Duration?
    /// What the token endpoint asked for.
    private var tokenPause: Duration?

    init(
        pass: MaintenancePass, probe: GraphProbe, refreshed: Set<Int64>, mayRefresh: Bool,
        withheld: Set<ConnectionID>, spool: Spool, stop: StopSignal
    ) {
        self.pass = pass
        self.probe = probe
        self.refreshed = refreshed
        self.mayRefresh = mayRefresh
        self.stop = stop
        self.withheld = withheld
        redeemer = Redeemer(
            endpoint: pass.endpoint, store: pass.store, spool: spool, clock: pass.clock)
    }

    private struct Finding: Sendable {
        let connection: Connection
        let slot: Int
        let result: ProbeResult
        /// Of the refresh that a 401 caused.
        var ending: AttemptEnding?

        /// What the token endpoint said to that refresh.
        var refusal: TokenEndpointError? {
            if case .refused(let error) = ending { error } else { nil }
        }

        var storeFailure: StoreError? {
            if case .storeFailed(let error) = ending { error } else { nil }
        }
    }

    /// Asks for every connection with a live token that needs no person.
    /// - Parameter horizon: What expires up to then and was not refreshed is not asked about.
    mutating func run(horizon: Date) async throws(StoreError) {
        if let named = pass.settings.named {
            await ask(try await current(named).filter(isWorthAsking))
        } else {
            try await askAll(horizon: horizon)
        }
        if let tokenPause {
            try await pass.store.pauseClient(until: pass.clock.now() + tokenPause.seconds)
        }
        if let pause {
            problems.append(
                Problem(
                    userID: nil, provider: pass.store.settings.provider, cause: .apiThrottled,
                    who: .microsoft,
                    refusal: Refusal(status: 429, message: "Graph throttled the API test")))
            warnings.append(
                "Graph asked to wait \(pause.components.seconds) s: the connections left were not tested"
            )
        }
    }

    private mutating func askAll(horizon: Date) async throws(StoreError) {
        var last: Int64 = .min
        while mayStart {
            let page = try await pass.store.allRows(after: last, limit: 256, at: pass.clock.now())
            guard let end = page.last else { break }
            last = end.rowID
            await ask(
                page.compactMap(\.row.connection).filter {
                    isWorthAsking($0) && ($0.expiresAt > horizon || refreshed.contains($0.rowID))
                })
        }
    }

    /// The rows that somebody named, as the refreshes of this pass have left them.
    private func current(_ named: [SelectedRow]) async throws(StoreError) -> [Connection] {
        var connections: [Connection] = []
        for row in named {
            guard let rowID = row.connection?.rowID,
                let connection = try await pass.store.row(rowID, at: pass.clock.now())?.connection
            else { continue }
            connections.append(connection)
        }
        return connections
    }

    private var mayStart: Bool {
        pause == nil && storeFailure == nil && stop.number == nil
            && pass.clock.uptime() < pass.settings.deadline
    }

    private func isWorthAsking(_ connection: Connection) -> Bool {
        connection.failure?.needsPerson != true
    }

    private mutating func ask(_ connections: [Connection]) async {
        var waiting = connections[...]
        await withTaskGroup(of: Finding.self) { group in
            for slot in 0..<pass.settings.concurrency where mayStart {
                start(&waiting, slot, &group)
            }
            while let finding = await group.next() {
                take(finding)
                guard mayStart else { continue }
                start(&waiting, finding.slot, &group)
            }
        }
    }

    private func start(
        _ waiting: inout ArraySlice<Connection>, _ slot: Int, _ group: inout TaskGroup<Finding>
    ) {
        guard let connection = waiting.popFirst() else { return }
        let (probe, redeemer) = (probe, redeemer)
        let mayRefresh = mayRefresh && !withheld.contains(connection.id)
        let isNew = refreshed.contains(connection.rowID)
        group.addTask {
            await Self.examine(
                connection, in: slot, by: probe, redeemer, tokenIsNew: isNew, mayRefresh: mayRefresh
            )
        }
    }

    private static func examine(
        _ connection: Connection, in slot: Int, by probe: GraphProbe, _ redeemer: Redeemer,
        tokenIsNew: Bool, mayRefresh: Bool
    ) async -> Finding {
        let first = await read(connection, by: probe, redeemer.store)
        guard case .unauthorized(let claims) = first, mayRefresh, claims != nil || !tokenIsNew
        else {
            return Finding(connection: connection, slot: slot, result: first)
        }
        var attempt = Attempt(connection: connection)
        attempt.slot = slot
        let ending = await redeemer.attempt(attempt, claims: claims).ending
        let result: ProbeResult =
            switch ending {
            case .refreshed, .raced: await read(connection, by: probe, redeemer.store)
            case .refused: first
            case .storeFailed(let error): .error(message: error.message)
            }
        return Finding(connection: connection, slot: slot, result: result, ending: ending)
    }

    private static func read(
        _ connection: Connection, by probe: GraphProbe, _ store: TokenStore
    ) async -> ProbeResult {
        do throws(StoreError) {
            guard let token = try await store.accessToken(ofRow: connection.rowID) else {
                return .error(message: "the row is gone")
            }
            return await probe.probe(token)
        } catch {
            return .error(message: error.message)
        }
    }

    private mutating func take(_ finding: Finding) {
        pass.observe(.probed(finding.connection.id, outcome: finding.result.name))
        tested += 1
        pass.observe(.testing(tested: tested))
        storeFailure = storeFailure ?? finding.storeFailure
        heed(finding.refusal)
        if let ending = finding.ending { refreshes[ending.verdict, default: 0] += 1 }
        if case .refreshed = finding.ending {
            let settlement = Settlement(connection: finding.connection, outcome: .refreshed)
            if let change = StateChange(settlement, at: pass.clock.now()) { changes.append(change) }
        }
        switch finding.result {
        case .ok: counts.ok += 1
        case .throttled(let wait):
            counts.throttled += 1
            pause = wait ?? BackoffPolicy.unspecifiedPause
        case .unauthorized:
            counts.unauthorized += 1
            note(finding, .apiUnauthorized, .user, "Graph does not accept the access token")
        case .forbidden:
            counts.forbidden += 1
            note(
                finding, .apiForbidden, .tenantAdmin,
                "Graph accepts the token and refuses the read: a scope, licence or privilege is missing"
            )
        case .notFound:
            counts.forbidden += 1
            note(
                finding, .apiForbidden, .tenantAdmin,
                "Graph accepts the token and finds no such user")
        case .error(let message):
            counts.error += 1
            note(finding, .apiError, .microsoft, message)
        }
    }

    /// What the token endpoint says to one connection may be meant for all.
    private mutating func heed(_ refusal: TokenEndpointError?) {
        switch refusal?.kind {
        case .throttled:
            mayRefresh = false
            let asked = refusal?.retryAfter ?? BackoffPolicy.unspecifiedPause
            tokenPause = max(tokenPause ?? .zero, asked)
        case .application: mayRefresh = false
        case .transient, .reauth, .consent, .request, nil: break
        }
    }

    private mutating func note(
        _ finding: Finding, _ cause: Problem.Cause, _ who: Responsible, _ message: String
    ) {
        var refusal = finding.refusal?.refusal ?? Refusal(message: message)
        if finding.refusal != nil {
            refusal.message = "\(message); a refresh gave: \(refusal.message)"
        }
        problems.append(
            Problem(
                userID: finding.connection.id.userID, provider: finding.connection.id.provider,
                cause: cause, who: who, refusal: refusal,
                expiresAt: finding.connection.expiresAt))
    }
}

extension SelectedRow {
    fileprivate var connection: Connection? {
        if case .connection(let connection) = self { connection } else { nil }
    }
}

extension ProbeResult {
    fileprivate var name: String {
        switch self {
        case .ok: "ok"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .notFound: "not found"
        case .throttled: "throttled"
        case .error: "error"
        }
    }
}
