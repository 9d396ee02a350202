import TestSupport
import Testing

@testable import TokenCore

struct HeartbeatTests {
    private func heartbeat(_ http: ScriptedHTTPClient) -> Heartbeat {
        Heartbeat(url: "https://ping.example/uuid", runID: "run", http: http)
    }

    @Test func `the end is told after the start, under the same run`() async {
        let http = ScriptedHTTPClient(.text(200, "OK"), .text(200, "OK"))
        let heartbeat = heartbeat(http)
        await heartbeat.begin()
        #expect(await heartbeat.end("0") == [])
        #expect(
            http.requests.map(\.url) == [
                "https://ping.example/uuid/start?rid=run", "https://ping.example/uuid/0?rid=run",
            ])
    }

    @Test func `an end without a start is told alone`() async {
        let http = ScriptedHTTPClient(.text(200, "OK"))
        #expect(await heartbeat(http).end("78") == [])
        #expect(http.requests.map(\.url) == ["https://ping.example/uuid/78?rid=run"])
    }

    @Test func `a start that fails does not keep the end`() async {
        let http = ScriptedHTTPClient(.noAnswer, .text(200, "OK"))
        let heartbeat = heartbeat(http)
        await heartbeat.begin()
        #expect(
            await heartbeat.end("0") == ["the ping was not delivered: connection refused"])
        #expect(http.requests.count == 2)
    }

    @Test func `the same failure twice is one warning, and never names the URL`() async {
        let http = ScriptedHTTPClient(.text(404, "no"), .text(404, "no"))
        let heartbeat = heartbeat(http)
        await heartbeat.begin()
        let warnings = await heartbeat.end("0")
        #expect(warnings == ["the ping was answered by HTTP 404: check TEAMS_PING_URL"])
    }
}
