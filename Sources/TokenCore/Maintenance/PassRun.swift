/// The state of one pass while it runs, and the loop that carries out what the scheduler decides.

internal import FoundationEssentials

struct PassRun {
    enum Event: Sendable {
        case fetched(CandidateSource, Result<[Candidate]?, StoreError>)
        case replied(Redeemer.Reply)
        case ended(Attempt, Redeemer.Report)
        case recorded(Settlement, at: Date, Result<StoredResult, StoreError>)
        case tick
        case stop(Int32)
    }

    let pass: MaintenancePass
    let stop: StopSignal
    let startedAt: Date
    var tally = PassTally()
    /// The largest that was measured.
    var clockSkew: Duration?
    /// For the probe, if there is one.
    var refreshedRows: Set<Int64> = []
    /// Nil until there is something to try.
    private(set) var redeemer: Redeemer?
    /// What has happened, from whatever thread.
    let mailbox = Mailbox<Event>()
    /// Taken from the mailbox and not handled yet, the newest first, so that `popLast` takes the oldest.
    private var unread: [Event] = []
    var scheduler: PassScheduler
    var source: CandidateSource
    /// Rows that this pass has met.
    var met = RowSet()
    var incident = IncidentRule()
    /// First verdicts that need a person: not stored before it is clear that this is no incident.
    var heldBack: [Settlement] = []
    /// The rows of connections that worked before and were refused in this pass.
    var doubted: Set<Int64> = []
    var isPaused = false
    var nextTick: Duration?
    var openRecords = 0
    var settled = 0
    var applicationError: TokenEndpointError?
    var applicationRefusedSince: Date?
    var unstored = 0
    /// A rule of the table refused the tokens of a row, which are in the spool.
    var refusedByTable: StoreError?
    /// Those whom it refused in an earlier pass, and refuses still.
    var withheld: Set<ConnectionID> = []

    init(_ pass: MaintenancePass, startedAt: Date, stop: StopSignal) {
        self.pass = pass
        self.stop = stop
        self.startedAt = startedAt
        scheduler = PassScheduler(
            width: pass.settings.concurrency,
            slots: Spool.slots(forRequests: pass.settings.concurrency),
            deadline: pass.settings.deadline,
            authorityIsAlias: pass.settings.authorityIsAlias, random: pass.clock.random)
        let selection: CandidateSource.Selection =
            pass.settings.named.map { .named($0, force: pass.settings.force) } ?? .due
        source = CandidateSource(
            selection, horizon: startedAt + pass.settings.refreshBefore.seconds)
    }

    var spool: Spool? { redeemer?.spool }
    /// Whether something was tried, so that state was written.
    var didWork: Bool { redeemer != nil }
    /// Whether the pass has time and permission left for more requests.
    var mayGoOn: Bool { stopReason == nil || stopReason == .throttled }
    /// Whether the token endpoint may still be called.
    var mayRefresh: Bool { stopReason == nil && !isPaused }
    var nothingIsSpooled: Bool { unstored == 0 }
    var stopReason: StopReason?

    /// Leaves connections alone whose newer tokens the table refuses.
    mutating func withhold(_ connections: Set<ConnectionID>, because refusal: StoreError?) {
        withheld = connections
        refusedByTable = refusal
        scheduler.suspectsTable = !connections.isEmpty
    }

    /// Finds the first connection to try. Only then is anything spent, so only then must the database
    /// be writable and the spool have its room.
    mutating func prepare(runID: String) async throws(StoreError) {
        if let until = try await pass.store.clientPause(at: startedAt) {
            isPaused = true
            pass.observe(.paused(until: until))
            tally.add(.pause(until: until, provider: pass.store.settings.provider))
        }
        while scheduler.ready.isEmpty, !scheduler.sourceIsEmpty {
            take(try await source.next(scheduler.pageSize, from: pass.store, at: startedAt))
        }
        guard !scheduler.ready.isEmpty else { return }
        redeemer = Redeemer(
            endpoint: pass.endpoint, store: pass.store,
            spool: try await pass.begin(runID: runID, at: startedAt), clock: pass.clock)
    }

    /// Sends, waits and settles until the scheduler has nothing left to start.
    mutating func drive() async {
        guard let redeemer else { return }
        await withTaskExecutorPreference(TaskThread(name: "pass")) {
            await withDiscardingTaskGroup { group in
                watchForStop(&group)
                await send(with: redeemer, &group)
                await settleRest(with: redeemer, &group)
                group.cancelAll()
            }
        }
    }

    private mutating func send(
        with redeemer: Redeemer, _ group: inout DiscardingTaskGroup
    ) async {
        let mailbox = mailbox
        while true {
            switch scheduler.next(at: pass.clock.uptime()) {
            case .send(let attempt):
                pass.observe(.progress(settled: settled, inFlight: scheduler.inFlight))
                redeemer.send(attempt) { mailbox.post(.replied($0)) }
            case .fetch: fetch(&group)
            case .wait(let until):
                if let until { tick(at: until, &group) }
                handle(await nextEvent(), with: redeemer, &group)
            case .finished: return
            }
        }
    }

    mutating func nextEvent() async -> Event {
        while true {
            if let event = unread.popLast() { return event }
            unread = await mailbox.next()
            unread.reverse()
        }
    }

    /// Counts what the pass did not reach.
    mutating func conclude() async {
        if stopReason != nil {
            let outcome = scheduler.outcomeOfUnreached
            if let count = try? await source.skipUnblemished(in: pass.store, except: met) {
                tally.unreached(count, as: outcome)
            }
            while let page = try? await source.next(256, from: pass.store, at: startedAt) {
                for candidate in met.unmet(of: page) {
                    switch candidate {
                    case .attempt(let connection):
                        tally.count(
                            Settlement(connection: connection, outcome: outcome), at: startedAt)
                    case .standing(let connection): stand(connection)
                    case .malformed(let id, _): tally.malformed(id)
                    }
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

    private func fetch(_ group: inout DiscardingTaskGroup) {
        let (source, store, mailbox, now) = (source, pass.store, mailbox, pass.clock.now())
        let count = scheduler.pageSize
        group.addTask {
            var source = source
            do throws(StoreError) {
                let page = try await source.next(count, from: store, at: now)
                mailbox.post(.fetched(source, .success(page)))
            } catch {
                mailbox.post(.fetched(source, .failure(error)))
            }
        }
    }

    /// Takes what was read; nil when there is no more.
    private mutating func take(_ page: [Candidate]?) {
        guard let page else { return scheduler.fetched(nil) }
        var connections: [Connection] = []
        for candidate in met.unmet(of: page) {
            switch candidate {
            case .attempt(let connection):
                if let refusedByTable, withheld.contains(connection.id) {
                    count(Settlement(connection: connection, outcome: .unstored(refusedByTable)))
                } else if !isPaused {
                    connections.append(connection)
                } else if let failure = connection.failure, failure.needsPerson {
                    tally.standing(connection, failure)
                } else {
                    tally.paused()
                }
            case .standing(let connection): stand(connection)
            case .malformed(let id, _): tally.malformed(id)
            }
        }
        scheduler.fetched(connections)
    }

    mutating func stand(_ connection: Connection) {
        if let failure = connection.failure { tally.standing(connection, failure) }
    }

    mutating func handle(
        _ event: Event, with redeemer: Redeemer, _ group: inout DiscardingTaskGroup
    ) {
        switch event {
        case .fetched(let source, let result):
            self.source = source
            switch result {
            case .success(let page): take(page)
            case .failure(let error):
                scheduler.fetched([])
                end(error)
            }
        case .replied(let reply): take(reply.read(), with: redeemer, &group)
        case .ended(let attempt, let report): end(attempt, report, &group)
        case .recorded(let settlement, let date, let result):
            openRecords -= 1
            count(settlement, at: date, recorded: result)
        case .tick: nextTick = nil
        case .stop(let number): scheduler.stop(.signal(number))
        }
    }

    /// Tokens go to the store; whatever else was said is looked into by a task of its own.
    private mutating func take(
        _ answer: Redeemer.Answer, with redeemer: Redeemer, _ group: inout DiscardingTaskGroup
    ) {
        let mailbox = mailbox
        switch answer.redemption.result {
        case .success(let tokens):
            var answer = answer
            scheduler.answerArrived(&answer.attempt)
            redeemer.save(tokens, of: answer) { [attempt = answer.attempt] report in
                mailbox.post(.ended(attempt, report))
            }
        case .failure(let error):
            group.addTask {
                mailbox.post(.ended(answer.attempt, await redeemer.conclude(error, answer)))
            }
        }
    }

    private mutating func end(
        _ attempt: Attempt, _ report: Redeemer.Report, _ group: inout DiscardingTaskGroup
    ) {
        if let skew = report.clockSkew, abs(skew.seconds) >= abs(clockSkew?.seconds ?? 0) {
            clockSkew = skew
        }
        doubt(attempt, report.ending)
        for var settlement in scheduler.ended(attempt, report.ending, at: pass.clock.uptime()) {
            if settlement.connection.rowID == attempt.connection.rowID {
                settlement.correlationID = report.correlationID
            }
            settle(settlement, &group)
        }
        pass.observe(
            .attempted(
                attempt.connection.id, outcome: report.ending.name, status: report.status,
                correlationID: report.correlationID, took: report.took))
        pass.observe(.progress(settled: settled, inFlight: scheduler.inFlight))
    }

    mutating func end(_ error: StoreError) {
        scheduler.stop(.database(message: error.message, hint: error.hint))
    }

    private func watchForStop(_ group: inout DiscardingTaskGroup) {
        let (arrival, mailbox) = (stop.arrival, mailbox)
        group.addTask {
            if let number = await arrival.first(where: { _ in true }) {
                mailbox.post(.stop(number))
            }
        }
    }

    private mutating func tick(at instant: Duration, _ group: inout DiscardingTaskGroup) {
        if let nextTick, nextTick <= instant { return }
        nextTick = instant
        let (clock, mailbox) = (pass.clock, mailbox)
        group.addTask {
            try? await clock.sleep(instant - clock.uptime())
            mailbox.post(.tick)
        }
    }
}
