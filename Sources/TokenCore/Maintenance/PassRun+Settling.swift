/// What is written down and counted about each connection once the scheduler has settled it.

internal import FoundationEssentials

extension PassRun {
    /// Decides what is written down about a settled connection, and counts it when that is done.
    mutating func settle(_ settlement: Settlement, _ group: inout DiscardingTaskGroup) {
        let connection = settlement.connection
        if IncidentRule.isProven(connection) {
            incident.provenTried += 1
            if settlement.isAnswer || doubted.contains(connection.rowID) {
                incident.provenAnswered += 1
            }
        }
        switch settlement.outcome {
        case .failed(let verdict, let error):
            if verdict.needsPerson, connection.failure?.needsPerson != true {
                heldBack.append(settlement)
            } else if !verdict.needsPerson, connection.failure?.needsPerson == true {
                // The standing verdict outlives an attempt that says nothing about the token.
                count(settlement)
            } else {
                record(settlement, verdict, error, &group)
            }
        case .refreshed:
            if pass.probe != nil { refreshedRows.insert(connection.rowID) }
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

    mutating func record(
        _ settlement: Settlement, _ verdict: Verdict, _ error: TokenEndpointError,
        _ group: inout DiscardingTaskGroup
    ) {
        openRecords += 1
        let now = pass.clock.now()
        let connection = settlement.connection
        let failure = StandingFailure(
            after: connection.failure, verdict: verdict, error: error, at: now)
        let (store, mailbox) = (pass.store, mailbox)
        group.addTask {
            do throws(StoreError) {
                let result = try await store.record(failure, for: connection, at: now)
                mailbox.post(.recorded(settlement, at: now, .success(result)))
            } catch {
                mailbox.post(.recorded(settlement, at: now, .failure(error)))
            }
        }
    }

    /// Settles what the scheduler still holds, decides about first verdicts, and waits until all of it
    /// is written down.
    mutating func settleRest(
        with redeemer: Redeemer, _ group: inout DiscardingTaskGroup
    ) async {
        if scheduler.applicationIsRefused { scheduler.stop(.application) }
        for settlement in scheduler.remaining() { settle(settlement, &group) }
        do throws(StoreError) {
            try await judgeHeldBack(&group)
        } catch {
            end(error)
            // Not written down, so not said: the next pass finds the same.
            for settlement in heldBack { tally.suspended(settlement.connection.id) }
            heldBack = []
        }
        // A pause that was being waited for outlives a pass that ends before it.
        if let until = [scheduler.recordedPause, scheduler.pausedUntil].compactMap({ $0 }).max(),
            until > pass.clock.uptime()
        {
            let date = pass.clock.now() + (until - pass.clock.uptime()).seconds
            do throws(StoreError) { try await pass.store.pauseClient(until: date) } catch {
                end(error)
            }
        }
        while openRecords > 0 { handle(await nextEvent(), with: redeemer, &group) }
        do throws(StoreError) { try await rememberApplication() } catch { end(error) }
        stopReason = scheduler.stopReason
    }

    /// Since when the application itself is refused, from one pass to the next.
    mutating func rememberApplication() async throws(StoreError) {
        let key = "application_refused_since"
        let seen = try await pass.store.meta(key).flatMap(Double.init)
        let since = seen.map { Date(timeIntervalSince1970: $0) }
        let provider = pass.store.settings.provider
        if let error = applicationError {
            applicationRefusedSince = since ?? startedAt
            guard since == nil else { return }
            try await pass.store.setMeta(key, String(startedAt.wholeSeconds))
            tally.add(
                StateChange(.began, .application(error, since: startedAt, provider: provider)))
        } else if let since, tally.counts.refreshed > 0 {
            try await pass.store.setMeta(key, nil)
            tally.add(StateChange(.ended, .applicationAccepted(since: since, provider: provider)))
        }
    }

    mutating func judgeHeldBack(_ group: inout DiscardingTaskGroup) async throws(StoreError) {
        let now = pass.clock.now()
        let seen = try await pass.store.meta("incident_since").flatMap(Double.init)
        // A time far ahead was written by a clock that had jumped.
        let firstSeen = seen.map { Date(timeIntervalSince1970: $0) }.flatMap {
            $0.timeIntervalSince(now) > 48 * 3600 ? nil : $0
        }
        let judgement = incident.judgement(
            firstSeen: firstSeen, isPartial: pass.settings.named != nil, now: now)
        try await tell(judgement, at: now)
        for settlement in heldBack {
            if judgement.holdsBack {
                tally.suspended(settlement.connection.id)
            } else if case .failed(let verdict, let error) = settlement.outcome {
                record(settlement, verdict, error, &group)
            }
        }
        heldBack = []
    }

    /// Remembers an incident from one pass to the next, and says so.
    private mutating func tell(
        _ judgement: IncidentRule.Judgement, at now: Date
    ) async throws(StoreError) {
        let key = "incident_since"
        let provider = pass.store.settings.provider
        let example = heldBack.lazy.compactMap(\.error).first
        let seen = Problem.incident(
            refused: incident.provenRefused, of: incident.provenAnswered, example: example,
            since: now, provider: provider)
        switch judgement {
        case .calm: break
        case .begins:
            // Whoever was refused and then refreshed needs no incident.
            guard !heldBack.isEmpty else { return }
            try await pass.store.setMeta(key, String(now.wholeSeconds))
            tally.add(StateChange(.began, seen))
            tally.add(seen)
        case .lasts(let since, let holdsBack):
            // A pass over named users tells only of its own.
            if pass.settings.named != nil, heldBack.isEmpty { return }
            var problem =
                incident.isIncident
                ? seen
                : .incidentStands(
                    example: holdsBack ? example : nil, provider: provider)
            problem.since = since
            tally.add(problem)
        case .believed: try await pass.store.setMeta(key, nil)
        case .over(let since):
            try await pass.store.setMeta(key, nil)
            tally.add(StateChange(.ended, .incidentOver(since: since, provider: provider)))
        }
    }

    /// Takes note of a connection that worked before and was refused now, whatever is said of it later:
    /// a service that changes its mind about many is an incident too.
    mutating func doubt(_ attempt: Attempt, _ ending: AttemptEnding) {
        guard case .refused(let error) = ending, error.isAboutConnection,
            IncidentRule.isProven(attempt.connection),
            doubted.insert(attempt.connection.rowID).inserted
        else { return }
        incident.provenRefused += 1
    }

    /// Counts what was to be written down, by what became of that.
    mutating func count(
        _ settlement: Settlement, at date: Date, recorded: Result<StoredResult, StoreError>
    ) {
        switch recorded {
        case .success(.stored): count(settlement, at: date)
        case .success(.raced):
            count(
                Settlement(
                    connection: settlement.connection, outcome: .raced,
                    correlationID: settlement.correlationID))
        case .failure(let error):
            count(settlement)
            end(error)
        }
    }

    /// - Parameter date: When it was written down, so that what is said now agrees with what later
    ///   passes say; nil for what is not remembered.
    mutating func count(_ settlement: Settlement, at date: Date? = nil) {
        settled += 1
        tally.count(settlement, at: date ?? pass.clock.now())
        pass.observe(
            .settled(
                settlement.connection.id, outcome: settlement.name,
                refusal: settlement.error?.refusal, correlationID: settlement.correlationID))
    }
}
