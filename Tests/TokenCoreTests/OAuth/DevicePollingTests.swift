import Testing

@testable import TokenCore

struct DevicePollingTests {
    private func error(
        _ name: String?, codes: [Int] = [], status: Int = 400, retryAfter: Duration? = nil
    ) -> TokenEndpointError {
        let body = name.map { #"{"error":"\#($0)","error_codes":\#(codes)}"# } ?? "<html>"
        return Classification.error(
            status: status, body: Array(body.utf8), retryAfter: retryAfter, correlationID: "c")
    }

    @Test func `while the user is busy the interval stays`() {
        var polling = DevicePolling(interval: .seconds(5))
        for _ in 1...3 {
            #expect(
                polling.step(after: error("authorization_pending", codes: [70016]))
                    == .ask(after: .seconds(5), isTrouble: false))
        }
    }

    @Test func `slow_down adds five seconds for good`() {
        var polling = DevicePolling(interval: .seconds(5))
        #expect(
            polling.step(after: error("slow_down")) == .ask(after: .seconds(10), isTrouble: false))
        #expect(
            polling.step(after: error("authorization_pending"))
                == .ask(after: .seconds(10), isTrouble: false))
        #expect(
            polling.step(after: error("slow_down")) == .ask(after: .seconds(15), isTrouble: false))
    }

    @Test func `silence is met with ever more patience, up to a minute`() {
        var polling = DevicePolling(interval: .seconds(5))
        let silence = Classification.error(
            TransportError(kind: .timedOut, message: "timeout"), correlationID: "c")
        for seconds in [5, 10, 20, 40, 60, 60] {
            #expect(polling.step(after: silence) == .ask(after: .seconds(seconds), isTrouble: true))
        }
        _ = polling.step(after: error("authorization_pending"))
        #expect(polling.step(after: silence) == .ask(after: .seconds(5), isTrouble: true))
    }

    @Test(arguments: [
        (nil as String?, [Int](), 502), ("server_error", [], 500),
        ("temporarily_unavailable", [], 503),
        ("temporarily_unavailable", [], 400), (nil, [], 200), (nil, [], 404),
    ])
    func `what says nothing about the sign-in is asked again`(
        name: String?, codes: [Int], status: Int
    ) {
        var polling = DevicePolling(interval: .seconds(5))
        #expect(
            polling.step(after: error(name, codes: codes, status: status))
                == .ask(after: .seconds(5), isTrouble: true))
    }

    @Test(arguments: [
        ("authorization_declined", [Int]()), ("access_denied", []),
        ("bad_verification_code", [70018]),
        ("expired_token", [70019]), ("invalid_client", [7_000_218]), ("invalid_request", [90119]),
        ("invalid_grant", [90120]), ("invalid_grant", [50034]), ("interaction_required", [53003]),
        ("invalid_scope", [70011]), ("something_new", []), ("something_new", [99_999_999]),
    ])
    func `every other answer ends it`(name: String, codes: [Int]) {
        var polling = DevicePolling(interval: .seconds(5))
        #expect(polling.step(after: error(name, codes: codes)) == .stop)
    }

    @Test func `a pause that is asked for is kept`() {
        var polling = DevicePolling(interval: .seconds(5))
        #expect(
            polling.step(after: error(nil, status: 429, retryAfter: .seconds(30)))
                == .ask(after: .seconds(30), isTrouble: true))
        #expect(
            polling.step(after: error(nil, status: 429, retryAfter: .seconds(1)))
                == .ask(after: .seconds(5), isTrouble: true))
        // AADSTS50196, a loop: asking again makes it worse.
        #expect(polling.step(after: error("invalid_grant", codes: [50196])) == .stop)
    }
}
