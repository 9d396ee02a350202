import Foundation
import SandboxKit
import Testing

/// Every kind of fault, as a client sees it. curl's exit codes: 18 partial file, 28 timeout, 52 no
/// answer, 56 failure while receiving.
struct FaultTests {
    @Test func `an OAuth error has the status, error, suberror, codes and text of the script`()
        async throws
    {
        let failure = OAuthFailure(
            "interaction_required", suberror: "basic_action", codes: [50_076, 50_079], status: 400,
            description: "Use \"MFA\".", claims: #"{"access_token":{}}"#)
        try await disturbed(.oauthError(failure)) { _, answer in
            #expect(answer.status == 400)
            #expect(answer.string("error") == "interaction_required")
            #expect(answer.string("suberror") == "basic_action")
            #expect(answer.json["error_codes"] as? [Int] == [50_076, 50_079])
            #expect(
                answer.string("error_description")?.hasPrefix(#"AADSTS50076: Use "MFA". Trace"#)
                    == true)
            #expect(answer.string("claims") == #"{"access_token":{}}"#)
        }
    }

    @Test func `throttling says when to come back, in seconds`() async throws {
        try await disturbed(.status(429, retryAfter: .seconds(7))) { _, answer in
            #expect(answer.status == 429)
            #expect(answer.headers["retry-after"] == "7")
            #expect(answer.text == "Too Many Requests")
        }
    }

    @Test func `throttling says when to come back, as a date`() async throws {
        let clock = TestClock()
        try await withSandbox {
            $0.now = clock.read
        } _: { sandbox, curl in
            sandbox.script(
                user: "7", faults: [Fault(.status(503, retryAfter: .date(secondsFromNow: 90)))])
            let answer = try await curl.refresh(user: "7")
            expectError(answer, 503, "temporarily_unavailable", 90_033)
            #expect(answer.headers["date"] == "Sun, 03 Feb 2030 04:06:40 GMT")
            #expect(answer.headers["retry-after"] == "Sun, 03 Feb 2030 04:08:10 GMT")
        }
    }

    @Test(arguments: [
        (500, "server_error"), (502, "server_error"), (503, "temporarily_unavailable"),
    ])
    func `a server in trouble answers JSON unless told otherwise`(status: Int, error: String)
        async throws
    {
        try await disturbed(.status(status)) { _, answer in
            #expect(answer.status == status)
            #expect(answer.string("error") == error)
            #expect(answer.headers["retry-after"] == nil)
        }
        try await disturbed(.status(status, text: "")) { _, answer in
            #expect(answer.status == status)
            #expect(answer.body.isEmpty)
        }
    }

    @Test func `HTML comes under any status`() async throws {
        try await disturbed(.html(status: 200)) { sandbox, answer in
            #expect(answer.status == 200)
            #expect(answer.text.hasPrefix("<!DOCTYPE html>"))
            #expect(sandbox.generation(of: "7") == 0)
        }
    }

    @Test func `a slow answer has been processed when the connection is lost`() async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(user: "7", faults: [Fault(.slow(milliseconds: 600_000))])
            async let lost = curl.refresh(user: "7")
            await sandbox.waitForRequests(atLeast: 1)
            await sandbox.stop()
            let answer = try await lost
            #expect(answer.exitCode != 0)
            #expect(sandbox.generation(of: "7") == 1)
            #expect(sandbox.requests.map(\.status) == [0])
        }
    }

    @Test func `a latency for everybody is added to a user's own`() async throws {
        try await withSandbox {
            $0.latency = .milliseconds(20)
        } _: { sandbox, curl in
            sandbox.script(user: "*", faults: [Fault(.slow(milliseconds: 30))])
            sandbox.script(user: "7", faults: [Fault(.slow(milliseconds: 50))])
            let start = ContinuousClock.now
            let answer = try await curl.refresh(user: "7")
            #expect(answer.status == 200)
            #expect(ContinuousClock.now - start >= .milliseconds(100))
        }
    }

    @Test func `a connection cut before the headers leaves nothing, but the token is spent`()
        async throws
    {
        try await disturbed(.cut(.beforeHeaders)) { sandbox, answer in
            #expect([52, 56].contains(answer.exitCode))
            #expect(answer.status == 0)
            #expect(sandbox.generation(of: "7") == 1)
            #expect(sandbox.requests.map(\.status) == [0])
        }
    }

    @Test func `a connection cut in the body leaves half of it`() async throws {
        try await disturbed(.cut(.midBody)) { sandbox, answer in
            #expect(answer.exitCode == 18)
            #expect(answer.status == 200)
            #expect(answer.body.count > 1000)
            #expect(answer.json.isEmpty)
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test func `truncated JSON has the length that it announces`() async throws {
        try await disturbed(.truncated) { sandbox, answer in
            #expect(answer.exitCode == 0)
            #expect(answer.headers["content-length"] == String(answer.body.count))
            #expect(answer.json.isEmpty)
            #expect(sandbox.generation(of: "7") == 1)
        }
    }

    @Test func `a Content-Length may promise too much or too little`() async throws {
        try await disturbed(.wrongLength(by: 10)) { _, answer in
            #expect(answer.exitCode == 18)
            #expect(answer.string("access_token") != nil)
        }
        try await disturbed(.wrongLength(by: -10)) { _, answer in
            #expect(answer.exitCode == 0)
            #expect(answer.json.isEmpty)
        }
    }

    @Test func `a huge body is valid JSON all the same`() async throws {
        try await disturbed(.huge(bytes: 3_000_000)) { _, answer in
            #expect(answer.body.count > 3_000_000)
            #expect(answer.string("access_token") != nil)
        }
    }

    @Test func `a success may lack its refresh token`() async throws {
        try await disturbed(.withoutRefreshToken) { _, answer in
            #expect(answer.status == 200)
            #expect(answer.json["refresh_token"] == nil)
            #expect(answer.string("access_token") != nil)
        }
    }

    @Test(arguments: [nil, "0", #""3599""#, "null", "-5", "3599.7"])
    func `a lifetime may be missing, zero, a string or nonsense`(json: String?) async throws {
        try await disturbed(.expiresIn(json)) { _, answer in
            #expect(answer.status == 200)
            #expect(answer.text.contains(#","expires_in":\#(json ?? "?"),"#) == (json != nil))
            #expect(answer.text.contains(#""expires_in""#) == (json != nil))
        }
    }

    @Test func `the Date header may be off`() async throws {
        let clock = TestClock()
        try await withSandbox {
            $0.now = clock.read
        } _: { sandbox, curl in
            sandbox.script(user: "*", faults: [Fault(.dateOffset(seconds: -7200))])
            let answer = try await curl.refresh(user: "7")
            #expect(answer.headers["date"] == "Sun, 03 Feb 2030 02:06:40 GMT")
        }
    }

    @Test func `faults run out, one after the other, and only for their user`() async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(
                user: "7",
                faults: [
                    Fault(.status(503), count: 2),
                    Fault(
                        .refused("invalid_grant", suberror: "bad_token", codes: [50_173]), count: 1),
                    Fault(.html(status: 502), endpoint: .graph),
                ])
            #expect(try await curl.refresh(user: "8").status == 200)
            var statuses: [Int] = []
            for _ in 1...4 { statuses.append(try await curl.refresh(user: "7").status) }
            #expect(statuses == [503, 503, 400, 200])
            #expect(try await curl.me(user: "7").status == 502)
            sandbox.clearFaults()
            #expect(try await curl.me(user: "7").status == 200)
        }
    }

    @Test func `a user's own fault goes before everybody's`() async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(user: "*", faults: [Fault(.status(500), count: 1)])
            sandbox.script(user: "7", faults: [Fault(.status(429), count: 1)])
            var statuses: [Int] = []
            for _ in 1...3 { statuses.append(try await curl.refresh(user: "7").status) }
            #expect(statuses == [429, 500, 200])
        }
    }

    /// Refreshes user 7 under one fault.
    private func disturbed(
        _ effect: Fault.Effect, _ check: (Sandbox, Curl.Answer) throws -> Void
    ) async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(user: "7", faults: [Fault(effect)])
            try check(sandbox, try await curl.refresh(user: "7"))
        }
    }
}
