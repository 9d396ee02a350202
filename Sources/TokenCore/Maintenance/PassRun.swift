/// The state of one pass while it runs, and the loop that carries out what the scheduler decides.

internal import FoundationEssentials

struct PassRun {
    private enum Event: Sendable {
        case ended(Attempt, Redeemer.Report)
        case recorded(Settlement, at: Date, Result<StoredResult, StoreError>)
        case tick
        case stop(Int32)
    }

    private let pass: MaintenancePass
    private let stop: StopSignal
    private let startedAt: Date
    private(set) var tally = PassTally()
    private(set) var clockSkew: Duration?
    private(set) var refreshedRows: Set<Int64> = []
    private(set) var spool: Spool?
    private var scheduler: PassScheduler
    private var source: CandidateSource
    private var incident = IncidentRule()
    /// First verdicts that need a person: not stored before it is clear that this is no incident.
    private var heldBack: [Settlement] = []
    private var isPaused = false
    private var nextTick: Duration?
    private var openRecords = 0
    private var settled = 0
    private var applicationError: TokenEndpointError?
    private var applicationRefusedSince: Date?
    private var unstored = 0
    /// A rule of the table refused the tokens of a row, which are in the spool.
    private(set) var refusedByTable: StoreError?

    init(_ pass: MaintenancePass, startedAt: Date, stop: StopSignal) {
        self.pass = pass
        self.stop = stop
        self.startedAt = startedAt
        scheduler = PassScheduler(
            width: pass.settings.concurrency, deadline: pass.settings.deadline,
            authorityIsAlias: pass.settings.authorityIsAlias, random: pass.clock.random)
        let selection: CandidateSource.Selection =
            pass.settings.named.map { .named($0, force: pass.settings.force) } ?? .due
        source = CandidateSource(
            selection, horizon: startedAt + pass.settings.refreshBefore.seconds)
    }

    /// Whether something was tried, so that state was written.
    var didWork: Bool { spool != nil }
    /// Whether the pass has time and permission left for more requests.
    var mayGoOn: Bool { stopReason == nil || stopReason == .throttled }
    /// Whether the token endpoint may still be called.
    var mayRefresh: Bool { stopReason == nil && !isPaused }
    var nothingIsSpooled: Bool { unstored == 0 }
    private(set) var stopReason: StopReason?

    /// Finds the first connection to try. Only then is anything spent, so only then must the database
    /// be writable and the spool have its room.
    mutating func prepare(runID: String) async throws(StoreError) {
        if let until = try await pass.store.clientPause(at: startedAt) {
            isPaused = true
            pass.observe(.paused(until: until))
            tally.add(.pause(until: until, provider: pass.store.settings.provider))
        }
        while scheduler.ready.isEmpty, !scheduler.sourceIsEmpty { try await fetch() }
        guard !scheduler.ready.isEmpty else { return }
        spool = try await pass.begin(runID: runID, at: startedAt)
    }

    /// Sends, waits and settles until the scheduler has nothing left to start.
    mutating func drive() async {
        guard let spool else { return }
        let redeemer = Redeemer(
            endpoint: pass.endpoint, store: pass.store, spool: spool, clock: pass.clock)
        await withTaskGroup(of: Event.self) { group in
            watchForStop(&group)
            loop: while true {
                switch scheduler.next(at: pass.clock.uptime()) {
                case .send(let attempt):
                    group.addTask { .ended(attempt, await redeemer.attempt(attempt)) }
                case .fetch:
                    do throws(StoreError) { try await fetch() } catch { end(error) }
                case .wait(let until):
                    if let until { tick(at: until, &group) }
                    guard let event = await group.next() else { break loop }
                    handle(event, &group)
                case .finished: break loop
                }
            }
            await settleRest(&group)
            group.cancelAll()
        }
    }

    /// Counts what the pass did not reach.
    mutating func conclude() async {
        let outcome = scheduler.outcomeOfUnreached
        while stopReason != nil,
            let page = try? await source.next(256, from: pass.store, at: startedAt)
        {
            for candidate in page {
                switch candidate {
                case .attempt(let connection):
                    tally.count(Settlement(connection: connection, outcome: outcome), at: startedAt)
                case .standing(let connection): stand(connection)
                case .malformed(let id): tally.malformed(id)
                }
            }
        }
        let provider = pass.store.settings.provider
        if let applicationError {
            tally.add(
                .application(
                    applicationError, since: applicationRefusedSince ?? startedAt,
                    provider: provider))
        }
        if let problem = Problem.stopped(stopReason, tally.counts, provider: provider) {
            tally.add(problem)
        }
    }

    private mutating func fetch() async throws(StoreError) {
        guard let page = try await source.next(64, from: pass.store, at: pass.clock.now()) else {
            scheduler.sourceIsEmpty = true
            return
        }
        for candidate in page {
            switch candidate {
            case .attempt(let connection):
                if !isPaused {
                    scheduler.ready.append(connection)
                } else if let failure = connection.failure, failure.needsPerson {
                    tally.standing(connection, failure)
                } else {
                    tally.paused()
                }
            case .standing(let connection): stand(connection)
            case .malformed(let id): tally.malformed(id)
            }
        }
    }

    private mutating func stand(_ connection: Connection) {
        if let failure = connection.failure { tally.standing(connection, failure) }
    }

    private mutating func handle(_ event: Event, _ group: inout TaskGroup<Event>) {
        switch event {
        case .ended(let attempt, let report):
            if let skew = report.clockSkew { clockSkew = skew }
            for settlement in scheduler.ended(attempt, report.ending, at: pass.clock.uptime()) {
                settle(settlement, &group)
            }
            pass.observe(
                .attempted(
                    attempt.connection.id, outcome: report.ending.name, status: report.status,
                    correlationID: report.correlationID, took: report.took))
            pass.observe(.progress(settled: settled, inFlight: scheduler.inFlight))
        case .recorded(let settlement, let date, let result):
            openRecords -= 1
            switch result {
            case .success(.stored): count(settlement, at: date)
            case .success(.raced):
                count(Settlement(connection: settlement.connection, outcome: .raced))
            case .failure(let error):
                count(settlement)
                end(error)
            }
        case .tick: nextTick = nil
        case .stop(let number): scheduler.stop(.signal(number))
        }
    }

    /// Decides what is written down about a settled connection, and counts it when that is done.
    private mutating func settle(_ settlement: Settlement, _ group: inout TaskGroup<Event>) {
        let connection = settlement.connection
        if IncidentRule.isProven(connection) { incident.provenTried += 1 }
        switch settlement.outcome {
        case .failed(let verdict, let error):
            let condemns = verdict == .reauthRequired || verdict == .consentRequired
            if condemns, connection.failure?.needsPerson != true {
                if IncidentRule.isProven(connection) { incident.provenRefused += 1 }
                heldBack.append(settlement)
            } else if !condemns, connection.failure?.needsPerson == true {
                // The standing verdict outlives an attempt that says nothing about the token.
                count(settlement)
            } else {
                record(settlement, verdict, error, &group)
            }
        case .refreshed:
            refreshedRows.insert(connection.rowID)
            count(settlement)
        case .unstored(let error):
            unstored += 1
            if error.kind == .row { refusedByTable = error.naming(connection.id) }
            count(settlement)
        case .configuration(let error):
            applicationError = applicationError ?? error
            count(settlement)
        case .raced, .deferred, .notAttempted: count(settlement)
        }
    }

    private mutating func record(
        _ settlement: Settlement, _ verdict: Verdict, _ error: TokenEndpointError,
        _ group: inout TaskGroup<Event>
    ) {
        openRecords += 1
        let now = pass.clock.now()
        let connection = settlement.connection
        let failure = StandingFailure(
            after: connection.failure, verdict: verdict, error: error, at: now)
        let store = pass.store
        group.addTask {
            do throws(StoreError) {
                let result = try await store.record(failure, for: connection, at: now)
                return .recorded(settlement, at: now, .success(result))
            } catch {
                return .recorded(settlement, at: now, .failure(error))
            }
        }
    }

    /// Settles what the scheduler still holds, decides about first verdicts, and waits until all of it
    /// is written down.
    private mutating func settleRest(_ group: inout TaskGroup<Event>) async {
        if scheduler.applicationIsRefused { scheduler.stop(.application) }
        for settlement in scheduler.remaining() { settle(settlement, &group) }
        do throws(StoreError) {
            try await judgeHeldBack(&group)
        } catch {
            end(error)
            // Not written down, so not said: the next pass finds the same.
            for _ in heldBack { tally.suspended() }
            heldBack = []
        }
        if let until = scheduler.recordedPause {
            let date = pass.clock.now() + (until - pass.clock.uptime()).seconds
            do throws(StoreError) { try await pass.store.pauseClient(until: date) } catch {
                end(error)
            }
        }
        while openRecords > 0, let event = await group.next() { handle(event, &group) }
        do throws(StoreError) { try await rememberApplication() } catch { end(error) }
        stopReason = scheduler.stopReason
    }

    /// Since when the application itself is refused, from one pass to the next.
    private mutating func rememberApplication() async throws(StoreError) {
        let key = "application_refused_since"
        let seen = try await pass.store.meta(key).flatMap(Double.init)
        let since = seen.map { Date(timeIntervalSince1970: $0) }
        let provider = pass.store.settings.provider
        if scheduler.stopReason == .application, let error = applicationError {
            applicationRefusedSince = since ?? startedAt
            guard since == nil else { return }
            try await pass.store.setMeta(key, String(startedAt.wholeSeconds))
            tally.add(
                StateChange(.began, .application(error, since: startedAt, provider: provider)))
        } else if let since, !refreshedRows.isEmpty {
            try await pass.store.setMeta(key, nil)
            tally.add(StateChange(.ended, .applicationAccepted(since: since, provider: provider)))
        }
    }

    private mutating func judgeHeldBack(_ group: inout TaskGroup<Event>) async throws(StoreError) {
        let seen = try await pass.store.meta("incident_since").flatMap(Double.init)
        let firstSeen = seen.map { Date(timeIntervalSince1970: $0) }
        let now = pass.clock.now()
        let holdsBack = incident.holdsBack(firstSeen: firstSeen, now: now)
        if holdsBack {
            let problem = Problem.incident(
                refused: incident.provenRefused, of: incident.provenTried,
                example: heldBack.lazy.compactMap(\.error).first, since: firstSeen ?? now,
                provider: pass.store.settings.provider)
            if firstSeen == nil {
                try await pass.store.setMeta("incident_since", String(now.wholeSeconds))
                tally.add(StateChange(.began, problem))
            }
            tally.add(problem)
        } else if let firstSeen {
            try await pass.store.setMeta("incident_since", nil)
            // One that is believed ends in verdicts, not in health.
            if !incident.isIncident {
                tally.add(
                    StateChange(
                        .ended,
                        .incidentOver(since: firstSeen, provider: pass.store.settings.provider)))
            }
        }
        for settlement in heldBack {
            if holdsBack, IncidentRule.isProven(settlement.connection) {
                tally.suspended()
            } else if case .failed(let verdict, let error) = settlement.outcome {
                record(settlement, verdict, error, &group)
            }
        }
        heldBack = []
    }

    /// - Parameter date: When it was written down, so that what is said now agrees with what later
    ///   passes say; nil for what is not remembered.
    private mutating func count(_ settlement: Settlement, at date: Date? = nil) {
        settled += 1
        tally.count(settlement, at: date ?? pass.clock.now())
        pass.observe(
            .settled(
                settlement.connection.id, outcome: settlement.name,
                refusal: settlement.error?.refusal))
    }

    private mutating func end(_ error: StoreError) {
        scheduler.stop(.database(message: error.message, hint: error.hint))
    }

    private func watchForStop(_ group: inout TaskGroup<Event>) {
        let arrival = stop.arrival
        group.addTask {
            for await number in arrival { return .stop(number) }
            return .tick
        }
    }

    private mutating func tick(at instant: Duration, _ group: inout TaskGroup<Event>) {
        if let nextTick, nextTick <= instant { return }
        nextTick = instant
        let clock = pass.clock
        group.addTask {
            try? await clock.sleep(instant - clock.uptime())
            return .tick
        }
    }
}
