import FoundationEssentials

/// `/sandbox/…`: a running sandbox is scripted and questioned by whoever started it.
///
/// | route | method | what |
/// |---|---|---|
/// | `/sandbox/faults` | GET | the faults still to come, as a ``SandboxScript`` |
/// | | POST | a ``SandboxScript``: replaces the faults of the users it names |
/// | | DELETE | no faults any more |
/// | `/sandbox/requests` | GET | totals and records of the requests, in order of arrival |
/// | | DELETE | forgets them |
struct ControlEndpoint {
    let ledger: Ledger

    func answer(_ request: Request, resource: String) -> Answer {
        switch (request.method, resource) {
        case ("GET", "faults"): return document(ledger.script)
        case ("POST", "faults"):
            do {
                ledger.apply(try JSONDecoder().decode(SandboxScript.self, from: Data(request.body)))
                return nothing
            } catch {
                return .plain("not a script: \(error)\n", status: 400)
            }
        case ("DELETE", "faults"):
            ledger.clearFaults()
            return nothing
        case ("GET", "requests"): return document(Requests(ledger))
        case ("DELETE", "requests"):
            ledger.resetRequests()
            return nothing
        default: return .plain("no such route\n", status: 404)
        }
    }

    private var nothing: Answer { Answer(status: 204, headers: [], body: .text("")) }

    private func document(_ value: some Encodable) -> Answer {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self)
            return .plain(text + "\n", status: 200, type: "application/json")
        } catch {
            return .plain("not encodable: \(error)\n", status: 500)
        }
    }

    private struct Requests: Encodable {
        var received: Int
        var inFlight: Int
        var peakInFlight: Int
        var connections: Int
        var requests: [RecordedRequest]

        init(_ ledger: Ledger) {
            let counts = ledger.counts
            received = counts.received
            inFlight = ledger.inFlight
            peakInFlight = ledger.peakInFlight
            connections = counts.connections
            requests = ledger.requests
        }

        enum CodingKeys: String, CodingKey {
            case received, connections, requests
            case inFlight = "in_flight"
            case peakInFlight = "peak_in_flight"
        }
    }
}
