/// Tells a watcher that speaks healthchecks.io's protocol when a pass begins and how it ends. A watcher
/// that can't be reached is none of the pass's business: what goes wrong comes back as warnings.

internal import FoundationEssentials

actor Heartbeat {
    /// healthchecks.io's own advice; a pass has better things to wait for.
    static let timeout = Duration.seconds(10)

    private let url: String
    private let runID: String
    private let http: any HTTPClient
    private var start: Task<String?, Never>?

    /// - Parameters:
    ///   - url: Without a trailing slash. Whoever knows it can ping, so it is never printed.
    ///   - runID: A UUID, by which the end is matched with its start.
    init(url: String, runID: String, http: any HTTPClient) {
        self.url = url
        self.runID = runID
        self.http = http
    }

    /// Says that the pass begins, without keeping it.
    func begin() { start = Task { await send("start") } }

    /// Says how the run has ended, after its start has been said.
    /// - Parameter signal: An exit code, or `log` for what is no news of the job.
    /// - Returns: What went wrong.
    func end(_ signal: String) async -> [String] {
        let warnings = [await start?.value ?? nil, await send(signal)].compactMap { $0 }
        return Set(warnings).count == 1 ? [warnings[0]] : warnings
    }

    private func send(_ signal: String) async -> String? {
        let request = HTTPRequest(method: .get, url: "\(url)/\(signal)?rid=\(runID)")
        do throws(TransportError) {
            let response = try await http.send(request)
            if 200..<300 ~= response.status { return nil }
            return "the ping was answered by HTTP \(response.status): check TEAMS_PING_URL"
        } catch {
            return "the ping was not delivered: \(error.description.sanitized())"
        }
    }
}
