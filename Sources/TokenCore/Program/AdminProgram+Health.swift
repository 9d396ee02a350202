/// `teams-token health`: whether the scheduled job does its work, from what the passes have written down.

internal import FoundationEssentials

public enum HealthForm: Sendable {
    case text
    case json
    case nagios
}

extension AdminProgram {
    public func health(_ form: HealthForm) async -> ExitStatus {
        guard form == .nagios else {
            return await run { configuration throws(RunFailure) in
                tell(try await healthReport(configuration), form)
            }
        }
        // A plugin's reader sees one line, and no other stream.
        do throws(RunFailure) {
            let report = try await healthReport(try loadConfiguration(needsClient: false))
            console.out(report.pluginLine)
            return .nagios(report.state)
        } catch {
            return unknown(error)
        }
    }

    /// Arguments of a plugin that can't be understood.
    public func refuseHealth(_ message: String) -> ExitStatus {
        unknown(RunFailure(.usage, message.sanitized(limit: 500)))
    }

    private func unknown(_ failure: RunFailure) -> ExitStatus {
        let status = failure.status
        let state = status.nagiosState
        console.out(
            HealthReport.pluginLine(state, "\(status.name) (\(status.code)): \(failure.summary)"))
        return .nagios(state)
    }

    private func healthReport(
        _ configuration: Configuration
    ) async throws(RunFailure) -> HealthReport {
        let place = try DatabasePlace.find(configuration)
        let store = try openForReading(configuration)
        let now = clock.now()
        let facts: HealthFacts = try await storeFailure {
            var facts = HealthFacts(
                configuration, database: place.path, passes: try await store.wholePasses(),
                at: now)
            facts.lostNotes = try await lostNotes(facts, place.path, store)
            facts.tokens = try await store.outlook(nextPass: facts.nextPass, at: now)
            facts.needPerson = try await store.countCondemned(at: now)
            let spool = Spool.path(
                forDatabase: place.path, directory: configuration.spoolDirectory)
            facts.spooled = try Spool.leftovers(at: spool).count
            facts.refused = try Spool.leftovers(at: Spool.refusedPath(spool)).count
            return facts
        }
        return HealthReport(facts)
    }

    private func lostNotes(
        _ facts: HealthFacts, _ database: String, _ store: TokenStore
    ) async throws(StoreError) -> HealthFacts.LostNotes? {
        if let error = IdleJournal(database: database).fault { return .unreadable(error) }
        guard let end = facts.passes.lastFinished?.finishedAt, facts.isOld(end),
            let run = facts.recentRun
        else { return nil }
        let known = try await store.journal(limit: .max).contains { $0.runID == run }
        return known ? nil : .missing
    }

    private func tell(_ report: HealthReport, _ form: HealthForm) -> ExitStatus {
        let status = report.status
        if status != .ok {
            console.error(
                "\(invocation.program): \(status.name) (\(status.code)): \(report.firstSentence)")
        }
        if form == .json {
            console.out(report.json.line)
        } else {
            console.out(
                report.lines(width: console.outColumns, style: console.style)
                    .joined(separator: "\n"))
        }
        return status
    }
}
