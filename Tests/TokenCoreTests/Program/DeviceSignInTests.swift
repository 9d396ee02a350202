import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import TokenCore

struct DeviceSignInTests {
    private static let code = ScriptedHTTPClient.Answer.text(
        200,
        #"{"device_code":"dc","user_code":"ABC","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5}"#
    )
    private static let tokens = ScriptedHTTPClient.Answer.text(
        200, #"{"access_token":"at","refresh_token":"rt","expires_in":3600,"token_type":"Bearer"}"#)

    private static func refusal(_ error: String, _ codes: Int...) -> ScriptedHTTPClient.Answer {
        .text(400, #"{"error":"\#(error)","error_codes":\#(codes)}"#)
    }
    private static let pending = refusal("authorization_pending", 70016)

    private struct Run {
        let result: Result<DeviceSignIn.Success, DeviceSignIn.Failure>
        let clock: ManualClock
        let requests: [RecordedRequest]
        let events: [DeviceSignIn.Event]
    }

    private func run(
        _ answers: [ScriptedHTTPClient.Answer], secret: String? = nil, countsDown: Bool = false
    ) async -> Run {
        let http = ScriptedHTTPClient(answers)
        let clock = ManualClock()
        let events = Events()
        let flow = DeviceSignIn(
            endpoint: TokenEndpoint(
                registration: ClientRegistration(
                    clientID: "client", credential: secret.map { .secret(Secret($0)) } ?? .none,
                    scopes: "not sent", authority: Authority(base: "https://login", tenant: "t")),
                http: http, now: { clock.now }),
            clock: clock.passClock, countsDown: countsDown, observe: { events.add($0) })
        let result: Result<DeviceSignIn.Success, DeviceSignIn.Failure>
        do throws(DeviceSignIn.Failure) {
            result = .success(try await flow.run(scope: "offline_access User.Read"))
        } catch {
            result = .failure(error)
        }
        return Run(result: result, clock: clock, requests: http.requests, events: events.all)
    }

    private final class Events: Sendable {
        private let list = Mutex<[DeviceSignIn.Event]>([])
        var all: [DeviceSignIn.Event] { list.withLock { $0 } }
        func add(_ event: DeviceSignIn.Event) { list.withLock { $0.append(event) } }
    }

    @Test func `it asks for a code, shows it and polls until the user has signed in`() async throws
    {
        let run = await run([Self.code, Self.pending, Self.pending, Self.tokens])
        #expect(try run.result.get().tokens.refreshToken == Secret("rt"))
        #expect(
            run.requests.map(\.url).map { $0.split(separator: "/").last ?? "" } == [
                "devicecode", "token", "token", "token",
            ])
        #expect(
            run.requests[0].form == ["client_id": "client", "scope": "offline_access User.Read"])
        #expect(
            run.requests[1].form == [
                "client_id": "client", "device_code": "dc",
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            ])
        // The first poll too comes after an interval: nobody signs in faster.
        #expect(run.clock.uptime == .seconds(15))
        guard case .code(let authorization)? = run.events.first else {
            Issue.record("no code was shown first")
            return
        }
        #expect(authorization.userCode == "ABC")
    }

    @Test func `a client secret is sent with the poll, not with the first request`() async {
        let run = await run([Self.code, Self.tokens], secret: "s3cret")
        #expect(run.requests.map { $0.form["client_secret"] } == [nil, "s3cret"])
    }

    @Test func `the expiry counts from before the request that brought the tokens`() async throws {
        let run = await run([Self.code, Self.pending, Self.tokens])
        #expect(
            try run.result.get().tokens.expiresAt == ManualClock.noon.addingTimeInterval(10 + 3600))
    }

    @Test func `slow_down stretches all polls to come`() async {
        let run = await run([
            Self.code, Self.refusal("slow_down"), Self.pending, Self.refusal("slow_down"),
            Self.tokens,
        ])
        #expect(run.clock.sleeps == [5, 10, 10, 15].map { .seconds($0) })
    }

    @Test func `a network that comes and goes is waited for`() async throws {
        let run = await run([
            Self.code, .failure(TransportError(kind: .timedOut, message: "slow")),
            .failure(TransportError(kind: .timedOut, message: "slow")), .text(503, "down"),
            Self.pending, Self.tokens,
        ])
        #expect(try run.result.get().tokens.accessToken == Secret("at"))
        #expect(run.clock.sleeps == [5, 5, 10, 20, 5].map { .seconds($0) })
        // Each trouble is told once.
        #expect(
            run.events.compactMap { if case .trouble(let words) = $0 { words } else { nil } } == [
                "no answer from the token endpoint: slow",
                "the token endpoint answered HTTP 503",
            ])
    }

    @Test func `it ends when the code expires, at the second`() async {
        let run = await run([Self.code] + Array(repeating: Self.pending, count: 179))
        #expect(run.result == .failure(.expired(after: .seconds(900), trouble: nil)))
        #expect(run.clock.uptime == .seconds(900))
        #expect(run.requests.count == 180)
    }

    @Test func `an outage until the end is told with the expiry`() async {
        let run = await run(
            [Self.code]
                + Array(
                    repeating: .failure(TransportError(kind: .unreachable, message: "no route")),
                    count: 30))
        #expect(
            run.result
                == .failure(
                    .expired(
                        after: .seconds(900),
                        trouble: "no answer from the token endpoint: no route")))
    }

    @Test func `a wall clock that jumps changes nothing`() async throws {
        let http = ScriptedHTTPClient([Self.code, Self.pending, Self.tokens])
        let clock = ManualClock()
        var jumping = clock.passClock
        jumping.now = { clock.now.addingTimeInterval(clock.uptime > .seconds(6) ? 86_400 : 0) }
        let flow = DeviceSignIn(
            endpoint: TokenEndpoint(
                registration: ClientRegistration(
                    clientID: "c", credential: .none,
                    authority: Authority(base: "https://login", tenant: "t")), http: http,
                now: jumping.now), clock: jumping, countsDown: false, observe: { _ in })
        #expect(try await flow.run(scope: "offline_access").tokens.accessToken == Secret("at"))
    }

    @Test func `a pause longer than the code lives is not waited out`() async {
        let run = await run([Self.code, .text(429, "", headers: ["retry-after": "1200"])])
        guard case .failure(.refused(let error)) = run.result else {
            Issue.record("\(run.result)")
            return
        }
        #expect(error.kind == .throttled)
        #expect(run.clock.uptime == .seconds(5))
    }

    @Test func `a countdown hears of every second`() async {
        let run = await run([Self.code, Self.tokens], countsDown: true)
        let left = run.events.compactMap { if case .waiting(let left) = $0 { left } else { nil } }
        #expect(left == [900, 899, 898, 897, 896].map { .seconds($0) })
        #expect(run.clock.sleeps == Array(repeating: .seconds(1), count: 5))
    }

    @Test(arguments: [
        (
            ScriptedHTTPClient.Answer.failure(
                TransportError(kind: .untrusted, message: "bad certificate")),
            RefusalClass.transient
        ),
        (refusal("unauthorized_client", 700016), .application), (.text(200, "<html>"), .transient),
        (.text(429, ""), .throttled),
    ])
    func `no code, no waiting`(answer: ScriptedHTTPClient.Answer, kind: RefusalClass) async {
        let run = await run([answer])
        guard case .failure(.noCode(let error)) = run.result else {
            Issue.record("\(run.result)")
            return
        }
        #expect(error.kind == kind)
        #expect(run.clock.sleeps == [])
    }

    // MARK: Words

    @Test(arguments: [
        (refusal("authorization_declined"), TokenCore.ExitStatus.reauth, "when the user agrees"),
        (refusal("access_denied"), .reauth, "when the user agrees"),
        (refusal("expired_token", 70019), .transient, "enter the code in time"),
        (refusal("bad_verification_code", 70018), .transient, "login 7` again"),
        (refusal("invalid_client", 7_000_218), .config, "Allow public client flows"),
        (refusal("invalid_client", 700_025), .config, "take TEAMS_CLIENT_SECRET away"),
        (
            refusal("invalid_client", 7_000_215), .config,
            "check TEAMS_CLIENT_ID, the client secret and TEAMS_TENANT_ID in the environment (https://login.microsoftonline.com/error?code=7000215)"
        ),
        (refusal("access_denied", 53003), .reauth, "ask an admin of the user's tenant"),
        (refusal("access_denied", 65004), .reauth, "when the user agrees to it"),
        (refusal("invalid_grant", 50020), .reauth, "or set TEAMS_TENANT_ID"),
        (refusal("invalid_scope", 70011), .config, "error?code=70011"),
        (refusal("interaction_required", 53003), .reauth, "device codes are blocked"),
        (refusal("invalid_grant", 50034), .reauth, "login 7` again"),
        (refusal("invalid_request", 90120), .transient, "login 7` again"),
        (refusal("invalid_grant", 50196), .transient, "again in 5 min"),
    ])
    func `every refusal has its status and its next step`(
        answer: ScriptedHTTPClient.Answer, status: TokenCore.ExitStatus, hint: String
    ) async {
        let run = await run([Self.code, answer])
        guard case .failure(let failure) = run.result else {
            Issue.record("\(run.result)")
            return
        }
        let told = FailedSignIn(user: .integer(7), provider: "microsoft", remedies: Remedies())
            .failure(failure)
        #expect(told.status == status)
        #expect(told.hint?.contains(hint) == true, "\(told.hint ?? "")")
        #expect(told.details.first?.hasPrefix("correlation id ") == true)
        let problems = told.problems(provider: "microsoft")
        #expect(problems.count == 1)
        #expect(problems.first?.userID == .integer(7))
        #expect(problems.first?.refusal.correlationID != nil)
        #expect(problems.first?.remedy == told.hint)
    }

    @Test(arguments: [(0, "0:00"), (59, "0:59"), (60, "1:00"), (895, "14:55")])
    func `the countdown reads like a clock`(seconds: Int, text: String) {
        #expect(SignInScreen.countdown(.seconds(seconds)) == "waiting; the code expires in \(text)")
    }

    @Test(arguments: [
        (nil as String?, AdminProgram.signInScopes), ("User.Read", "offline_access User.Read"),
        ("User.Read Offline_Access", "User.Read Offline_Access"),
    ])
    func `offline_access is always asked for`(configured: String?, scope: String) {
        #expect(AdminProgram.scope(configured) == scope)
    }
}
