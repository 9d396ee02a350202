/// `teams-token doctor`: everything that can be wrong with an installation, looked at without changing it.

internal import FoundationEssentials

public struct CheckupRequest: Sendable {
    /// Whether both hosts are asked.
    public var isOnline: Bool
    /// Whether this is cron's environment.
    public var asCron: Bool
    /// Variables that matter, were set before it became cron's, and are not any more.
    public var lostVariables: [String]

    public init(isOnline: Bool, asCron: Bool, lostVariables: [String] = []) {
        self.isOnline = isOnline
        self.asCron = asCron
        self.lostVariables = lostVariables
    }
}

extension AdminProgram {
    public func doctor(_ request: CheckupRequest) async -> ExitStatus {
        let report = DoctorReport(
            await findings(request), isOnline: request.isOnline, asCron: request.asCron)
        let status = report.status
        if let sentence = report.firstSentence {
            console.error("\(invocation.program): \(status.name) (\(status.code)): \(sentence)")
        }
        if invocation.json {
            console.out(report.json.line)
        } else {
            console.out(
                report.lines(width: console.outColumns, style: console.style)
                    .joined(separator: "\n"))
        }
        do throws(RunFailure) { try checkOutput() } catch { return reporter.fail(error) }
        return status
    }

    private func findings(_ request: CheckupRequest) async -> [CheckupFinding] {
        let complete = loaded(needsClient: true)
        var findings = ConfigurationCheck(result: complete).findings
        if request.asCron {
            findings.append(CheckupFinding(cronEnvironment: invocation.environment))
            if !request.lostVariables.isEmpty {
                findings.append(CheckupFinding(lostToCron: request.lostVariables))
            }
        }
        // Without its client the rest can be looked at all the same.
        guard
            case .success(let configuration) = complete.flatMapError({ _ in
                loaded(needsClient: false)
            })
        else {
            let skipped = "nothing else was looked at: first the settings must be right"
            return findings + [CheckupFinding(.database, .note, skipped)]
        }
        findings +=
            SchedulerCheck(
                refreshBefore: configuration.refreshBefore, passInterval: configuration.passInterval
            ).findings
        findings +=
            LibraryCheck(
                configuration: configuration, requestsInFlight: configuration.requestsInFlight
            ).findings
        findings += await databaseFindings(configuration)
        if request.isOnline {
            findings += await NetworkCheck(
                authority: configuration.authority, graphURL: configuration.graphURL,
                http: CurlHTTPClient(settings: CurlSettings(configuration)), now: clock.now
            ).findings()
        }
        return findings
    }

    private func loaded(needsClient: Bool) -> Result<Configuration, ConfigurationFailure> {
        do throws(ConfigurationFailure) {
            return .success(try invocation.configuration(needsClient: needsClient))
        } catch {
            return .failure(error)
        }
    }

    private func databaseFindings(_ configuration: Configuration) async -> [CheckupFinding] {
        guard let path = try? FilePaths.real(configuration.databasePath),
            (try? FileStatus(path: path)) != nil
        else {
            do throws(RunFailure) {
                _ = try DatabasePlace.find(configuration)
                return []
            } catch {
                return [CheckupFinding(error)]
            }
        }
        let files = FilesCheck(configuration: configuration, database: path).findings
        do throws(StoreError) {
            let store = try TokenStore(
                TokenStore.Settings(configuration, path: path), readOnly: true)
            let table = TableCheck(
                database: path, provider: configuration.provider,
                facts: try await store.tableFacts())
            let zone = TimeZoneCheck(
                zone: configuration.databaseTimeZone, samples: try await store.timeSamples())
            let health = HealthFacts(
                configuration, database: path, passes: try await store.wholePasses(),
                at: clock.now())
            let spool = SpoolCheck(
                path: Spool.path(forDatabase: path, directory: configuration.spoolDirectory),
                isInUse: health.unfinished == .underWay,
                slots: Spool.slots(forRequests: configuration.requestsInFlight))
            let passes = LastPassCheck(last: health.passes.lastFinished, now: health.now)
            return files + table.findings + zone.findings + spool.findings + passes.findings
        } catch {
            return files + [CheckupFinding(RunFailure(error))]
        }
    }
}

extension CheckupFinding {
    fileprivate init(cronEnvironment: [String: String]) {
        let variables = cronEnvironment.map { "\($0.key)=\($0.value)" }.sorted()
        self.init(
            .schedule, .note,
            "looked at as cron starts it, in / with \(variables.joined(separator: " ").sanitized())",
            why: "what a shell adds to that is not there at night")
    }

    fileprivate init(lostToCron names: [String]) {
        self.init(
            .schedule, .warning,
            "set here, and not under cron: \(names.joined(separator: ", ").sanitized())",
            why: "a pass by hand has them, a pass by cron has not",
            remedy: "put settings into /etc/maintain-teams/config.env, and what else cron's passes "
                + "need above the line in its crontab, as NAME=value")
    }

    /// A database that can't be opened.
    fileprivate init(_ failure: RunFailure) {
        let status = failure.status
        self.init(
            .database, .problem(status), failure.summary.sanitized(),
            why: "every pass ends with \(status.name) (\(status.code))",
            remedy: failure.hint?.sanitized())
    }
}
