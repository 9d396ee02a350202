import Foundation
import SandboxKit
import Testing

struct ControlTests {
    @Test func `faults are posted, listed and deleted over HTTP`() async throws {
        try await withSandbox { sandbox, curl in
            let url = sandbox.baseURL + "/sandbox/faults"
            let script = #"{"faults":{"7":[{"kind":"status","status":503}]}}"#
            #expect(try await curl.run(["--data", script, url]).status == 204)
            #expect(try await curl.refresh(user: "7").status == 503)
            #expect(try await curl.get(url).text.contains(#""status":503"#))
            #expect(try await curl.run(["-X", "DELETE", url]).status == 204)
            #expect(try await curl.refresh(user: "7").status == 200)
            let wrong = try await curl.run(["--data", #"{"faults":[]}"#, url])
            #expect(wrong.status == 400)
        }
    }

    @Test func `requests are recorded in order, without any secret`() async throws {
        try await withSandbox { sandbox, curl in
            let refreshed = try await curl.refresh(
                Sandbox.refreshToken(user: "7"), scope: "User.Read")
            _ = try await curl.refresh("garbage")
            _ = try await curl.me(user: "8")
            let answer = try await curl.get(sandbox.baseURL + "/sandbox/requests")
            #expect(answer.number("received") == 3)
            #expect(answer.number("peak_in_flight") == 1)
            let records = try #require(answer.json["requests"] as? [[String: Any]])
            #expect(records.map { $0["endpoint"] as? String } == ["token", "token", "graph"])
            #expect(records.map { $0["user"] as? String } == ["7", nil, "8"])
            #expect(records.map { $0["status"] as? Int } == [200, 400, 200])
            #expect(records.map { $0["sequence"] as? Int } == [1, 2, 3])
            #expect(
                records[0]["fields"] as? [String] == [
                    "client_id", "client_secret", "grant_type", "refresh_token", "scope",
                ])
            #expect(records[0]["scope"] as? String == "User.Read")
            let secrets = [
                "sandbox-secret", "sandbox-rt", "garbage",
                refreshed.string("access_token") ?? "?", refreshed.string("refresh_token") ?? "?",
            ]
            for secret in secrets { #expect(!answer.text.contains(secret)) }
            _ = try await curl.run(["-X", "DELETE", sandbox.baseURL + "/sandbox/requests"])
            #expect(sandbox.requests.isEmpty)
            #expect(sandbox.counts == RequestCounts())
        }
    }

    @Test func `counts are complete when the records are not`() async throws {
        try await withSandbox {
            $0.recordedRequestLimit = 1
        } _: { sandbox, curl in
            for user in ["7", "8", "9"] { _ = try await curl.refresh(user: user) }
            _ = try await curl.refresh("garbage")
            _ = try await curl.me(user: "7")
            #expect(sandbox.requests.map(\.user) == ["7"])
            #expect(sandbox.counts.received == 5)
            #expect(sandbox.counts.token == 4)
            #expect(sandbox.counts.graph == 1)
            #expect(sandbox.counts.byStatus == [200: 4, 400: 1])
        }
    }

    @Test func `a test waits for requests under way and sees how many there are`() async throws {
        try await withSandbox { sandbox, curl in
            sandbox.script(user: "*", faults: [Fault(.slow(milliseconds: 600_000))])
            async let answers = withThrowingTaskGroup(of: Int32.self) { group in
                for user in 1...20 {
                    group.addTask { try await curl.refresh(user: "\(user)").exitCode }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            await sandbox.waitForRequests(atLeast: 20)
            #expect(sandbox.inFlight == 20)
            #expect(sandbox.peakInFlight == 20)
            #expect(sandbox.requests.map(\.status).allSatisfy { $0 == nil })
            await sandbox.stop()
            let exitCodes = try await answers
            #expect(exitCodes.allSatisfy { $0 != 0 })
            #expect(sandbox.counts.byStatus == [0: 20])
        }
    }
}
