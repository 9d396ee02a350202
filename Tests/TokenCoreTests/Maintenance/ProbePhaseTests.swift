import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct ProbePhaseTests {
    let fixture: PassFixture
    var database: ApplicationDatabase { fixture.database }
    private var options: PassFixture.Options {
        var options = PassFixture.Options()
        options.probes = true
        return options
    }

    init() throws { fixture = try PassFixture() }

    private func enrolFresh(_ users: ClosedRange<Int>) throws {
        try database.enrol(users, expiresAt: fixture.now + 7200)
    }

    private static func token(_ request: RecordedRequest) -> String {
        String((request.headers["authorization"] ?? "").dropFirst("Bearer ".count))
    }

    @Test func `the refreshed and the fresh are asked about with the tokens they have now`()
        async throws
    {
        try fixture.enrolDue(1...2)
        try enrolFresh(3...4)
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(report.apiTest.ok == 4)
        #expect(
            Set(http.probes.map(Self.token))
                == ["access-1.1", "access-2.1", "access-3.0", "access-4.0"])
        #expect(http.probes.allSatisfy { $0.url == "https://graph.example/v1.0/me" })
        #expect(ExitStatus(report) == .ok)
    }

    @Test func `nothing due still asks`() async throws {
        try enrolFresh(1...300)
        let report = try await fixture.run(.microsoft(), options)
        #expect(report.apiTest.ok == 300)
        #expect(!database.directory.exists(fixture.spoolName))
    }

    @Test func `those that failed and those that need a person are not asked about`() async throws {
        try fixture.enrolDue(1...4)
        let http = ScriptedHTTPClient.microsoft { request in
            switch request.user {
            case 1: .badToken
            case 2: .consentMissing
            case 3: .noAnswer
            default: nil
            }
        }
        let report = try await fixture.run(http, options)
        #expect(http.probes.map(Self.token) == ["access-4.1"])
        #expect(report.apiTest.ok == 1)
    }

    @Test func `a live token of a condemned connection is not asked about`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .badToken })
        try database.session().execute(
            "UPDATE oauth_tokens SET expires_at = '\(ApplicationDatabase.text(fixture.now + 7200))'"
        )
        let report = try await fixture.run(ScriptedHTTPClient(), options)
        #expect(report.apiTest == APITestCounts())
        #expect(report.counts.reauthRequired == 1)
    }

    @Test func `a 401 forces one refresh`() async throws {
        try enrolFresh(1...1)
        let http = ScriptedHTTPClient.microsoft { request in
            request.isProbe && Self.token(request) == "access-1.0" ? .text(401, "") : nil
        }
        let report = try await fixture.run(http, options)
        #expect(http.requests.map(\.method) == ["GET", "POST", "GET"])
        #expect(report.apiTest.ok == 1)
        #expect(try database.row(1)?.refreshToken == "1.1")
    }

    @Test func `a 401 for a token of this pass forces none`() async throws {
        try fixture.enrolDue(1...1)
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : nil }
        let report = try await fixture.run(http, options)
        #expect(http.requests.map(\.method) == ["POST", "GET"])
        #expect(report.apiTest.unauthorized == 1)
        #expect(report.counts.refreshed == 1)
        #expect(report.problems.map(\.cause) == [.apiUnauthorized])
        #expect(ExitStatus(report) == .transient)
    }

    @Test(arguments: [true, false])
    func `a claims challenge is redeemed once with the claims`(isNew: Bool) async throws {
        if isNew { try fixture.enrolDue(1...1) } else { try enrolFresh(1...1) }
        let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#
        let encoded = Data(claims.utf8).base64EncodedString()
        let challenge =
            #"Bearer realm="", error="insufficient_claims", claims="\#(encoded)""#
        let http = ScriptedHTTPClient.microsoft { request in
            request.isProbe ? .text(401, "", headers: ["www-authenticate": challenge]) : nil
        }
        let report = try await fixture.run(http, options)
        #expect(http.redemptions.map { $0.form["claims"] } == (isNew ? [nil, claims] : [claims]))
        #expect(http.probes.count == 2)
        #expect(report.apiTest.unauthorized == 1)
    }

    @Test func `a refusal after a 401 is said and changes no state`() async throws {
        try enrolFresh(1...1)
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : .badToken }
        let report = try await fixture.run(http, options)
        #expect(http.requests.count == 2)
        #expect(report.counts.reauthRequired == 0)
        #expect(report.counts.fresh == 1)
        #expect(report.problems.first?.refusal.error == "invalid_grant")
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == "0")
    }

    @Test(arguments: [403, 404])
    func `403 and 404 are reported and fail nothing`(status: Int) async throws {
        try enrolFresh(1...2)
        let http = ScriptedHTTPClient.microsoft { request in
            request.isProbe && Self.token(request) == "access-1.0" ? .text(status, "") : nil
        }
        let report = try await fixture.run(http, options)
        #expect(report.apiTest.forbidden == 1)
        #expect(report.apiTest.ok == 1)
        #expect(report.problems.map(\.cause) == [.apiForbidden])
        #expect(ExitStatus(report) == .ok)
    }

    @Test(arguments: [500, 503, 302, 418])
    func `other answers say nothing about the token`(status: Int) async throws {
        try enrolFresh(1...1)
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(status, "") : nil }
        let report = try await fixture.run(http, options)
        #expect(http.requests.count == 1)
        #expect(report.apiTest.error == 1)
        #expect(ExitStatus(report) == .transient)
    }

    @Test func `throttled by Graph nothing more is asked`() async throws {
        try enrolFresh(1...500)
        let asked = Counter()
        let http = ScriptedHTTPClient.microsoft { request in
            asked.next() == 3 ? .text(429, "", headers: ["retry-after": "30"]) : nil
        }
        var options = options
        options.concurrency = 1
        let report = try await fixture.run(http, options)
        #expect(report.apiTest.throttled == 1)
        #expect(http.probes.count == 4)
        #expect(report.warnings.count == 1)
        #expect(ExitStatus(report) == .transient)
    }

    @Test func `a token endpoint that asks for a pause gets one`() async throws {
        try enrolFresh(1...100)
        var options = options
        options.concurrency = 1
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : .throttled(600) }
        try await fixture.run(http, options)
        #expect(http.redemptions.count == 1)

        // Nor does the next process ask it for anything.
        let next = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : nil }
        try await fixture.run(next, options)
        #expect(next.redemptions.isEmpty)
    }

    @Test func `a pause that ended the pass holds for the probe`() async throws {
        try fixture.enrolDue(1...1)
        try enrolFresh(2...5)
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : .throttled(600) }
        try await fixture.run(http, options)
        #expect(http.redemptions.count == 1)
    }

    @Test func `an application that is refused is not refused for everybody`() async throws {
        try enrolFresh(1...100)
        var options = options
        options.concurrency = 4
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? .text(401, "") : .wrongSecret }
        try await fixture.run(http, options)
        #expect(http.redemptions.count <= 8)
    }

    @Test func `an answer that can't be stored is kept in the spool`() async throws {
        try enrolFresh(1...20)
        var options = options
        options.concurrency = 1
        let lock = DatabaseLock()
        let path = database.path
        let http = ScriptedHTTPClient.microsoft { request in
            if request.user != nil { try? lock.take(path) }
            return request.isProbe ? .text(401, "") : nil
        }
        let report = try await fixture.run(http, options)
        lock.release()
        #expect(http.redemptions.count == 1)
        #expect(ExitStatus(report) == .database)
        #expect(try Spool.leftovers(at: fixture.spoolPath).count == 1)
        try await fixture.run(.microsoft())
        #expect(try database.row(1)?.refreshToken == "1.1")
    }

    @Test func `named users are asked about whatever their expiry`() async throws {
        try database.enrol(1, expiresAt: fixture.now + 7200)
        try fixture.enrolDue(2...3)
        var options = options
        options.users = ["1", "2"]
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(report.apiTest.ok == 2)
        #expect(http.redemptions.map(\.user) == [2])
    }

    @Test func `a named user who was condemned in this pass is not asked about`() async throws {
        try fixture.enrolDue(1...1)
        var options = options
        options.users = ["1"]
        let http = ScriptedHTTPClient.microsoft { $0.isProbe ? nil : .badToken }
        try await fixture.run(http, options)
        #expect(http.probes.isEmpty)
    }

    @Test func `a named user who recovered in this pass is asked about`() async throws {
        try fixture.enrolDue(1...1)
        try await fixture.run(.microsoft { _ in .badToken })
        var options = options
        options.users = ["1"]
        options.force = true
        let http = ScriptedHTTPClient.microsoft()
        let report = try await fixture.run(http, options)
        #expect(report.apiTest.ok == 1)
    }

    @Test func `a signal ends the asking too`() async throws {
        try enrolFresh(1...2000)
        let (signals, sender) = AsyncStream.makeStream(of: Int32.self)
        var options = options
        options.concurrency = 2
        options.stopSignal = signals
        let http = ScriptedHTTPClient.microsoft { _ in
            sender.yield(15)
            return nil
        }
        let report = try await fixture.run(http, options)
        #expect(report.stop == .signal(15))
        #expect(http.requests.count < 2000)
    }

    @Test func `the budget bounds it`() async throws {
        try enrolFresh(1...100)
        var options = options
        options.concurrency = 1
        options.deadline = .seconds(10)
        let clock = fixture.clock
        let http = ScriptedHTTPClient.microsoft { _ in
            clock.advance(by: .seconds(3))
            return nil
        }
        try await fixture.run(http, options)
        #expect(http.requests.count == 4)
    }
}
