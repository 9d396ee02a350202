/// Whole passes in process: a real store on a temporary file, a scripted network, a clock that nobody
/// waits for. Every run opens the database anew, as another process would.

import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import TokenCore

final class PassFixture: Sendable {
    let database: ApplicationDatabase
    let clock = ManualClock()
    private let events = Mutex<[PassEvent]>([])

    init() throws { database = try ApplicationDatabase() }

    var now: Date { clock.now }
    var spoolName: String { "teams.sqlite3.maintain-teams.spool" }
    var spoolPath: String { database.directory.file(spoolName) }

    /// Rows that are due now.
    func enrolDue(_ users: ClosedRange<Int>) throws {
        try database.enrol(users, expiresAt: now + 600)
    }

    struct Options {
        var users: [String]?
        var force = false
        var concurrency = 8
        var refreshBefore = Duration.seconds(1800)
        var deadline = Duration.seconds(720)
        var tenant = "contoso.example"
        var probes = false
        var stopSignal: AsyncStream<Int32>?
        var clientID = "client"
    }

    func store(_ options: Options = Options(), readOnly: Bool = false) throws -> TokenStore {
        try TokenStore(
            TokenStore.Settings(
                path: database.path, provider: "microsoft", zone: .utc,
                context: Fingerprint.Context(
                    clientID: options.clientID, tenantID: options.tenant,
                    authority: "https://login.example", scopes: nil),
                busyTimeout: .milliseconds(50)),
            readOnly: readOnly)
    }

    private func settings(
        _ options: Options, _ store: TokenStore
    ) async throws -> MaintenancePass.Settings {
        var named: [SelectedRow]?
        for user in options.users ?? [] {
            named = (named ?? []) + (try await store.rows(ofUser: user, at: now))
        }
        return MaintenancePass.Settings(
            named: named, force: options.force, refreshBefore: options.refreshBefore,
            passInterval: .seconds(900), deadline: clock.uptime + options.deadline,
            concurrency: options.concurrency,
            authorityIsAlias: Authority(base: "https://login.example", tenant: options.tenant)
                .isAlias,
            spoolPath: spoolPath)
    }

    /// One pass of one process.
    @discardableResult
    func run(
        _ http: ScriptedHTTPClient, _ options: Options = Options(), runID: String = "run"
    ) async throws -> PassReport {
        let store = try store(options)
        let clock = clock
        let pass = MaintenancePass(
            settings: try await settings(options, store), store: store,
            endpoint: TokenEndpoint(
                registration: ClientRegistration(
                    clientID: options.clientID, credential: .secret(Secret("secret")),
                    authority: Authority(base: "https://login.example", tenant: options.tenant)),
                http: http, now: { clock.now }),
            probe: options.probes
                ? GraphProbe(root: "https://graph.example/v1.0", http: http, now: { clock.now })
                : nil,
            databaseStatus: try FileStatus(path: database.path), clock: clock.passClock,
            stopSignal: options.stopSignal,
            observe: { event in self.events.withLock { $0.append(event) } })
        let report = try await pass.run(runID: runID)
        expectSums(report)
        return report
    }

    func dryRun(_ options: Options = Options()) async throws -> PassReport {
        let store = try store(options, readOnly: true)
        return try await DryRun.run(
            settings: try await settings(options, store), store: store, clock: clock.passClock,
            runID: "run")
    }

    /// The two sums that every document keeps.
    private func expectSums(_ report: PassReport) {
        let counts = report.counts
        guard case .database? = report.stop else {
            #expect(
                counts.connections
                    == counts.due + counts.malformed + counts.noRefreshToken + (counts.fresh ?? 0))
            return
        }
    }
}

extension ScriptedHTTPClient {
    /// Refreshes everybody, but for those about whom `answer` says something else.
    static func microsoft(
        _ answer: @escaping @Sendable (RecordedRequest) -> Answer? = { _ in nil }
    ) -> ScriptedHTTPClient {
        ScriptedHTTPClient(answering: { request in
            answer(request) ?? (request.isProbe ? .text(200, "{}") : .refreshed(request))
        })
    }

    /// Refresh requests so far.
    var redemptions: [RecordedRequest] { requests.filter { !$0.isProbe } }
    var probes: [RecordedRequest] { requests.filter(\.isProbe) }

    func redemptions(of user: Int) -> Int { redemptions.count { $0.user == user } }
}
