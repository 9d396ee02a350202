/// A world for ``PassScheduler``: connections by number, a server that is a function, and a clock that
/// jumps to whatever happens next. It checks on the way what must never be broken.

import FoundationEssentials
import Testing

@testable import TokenCore

struct SchedulerWorld {
    /// One request, as the server sees it.
    struct Sent: Equatable {
        let row: Int64
        /// Requests of this connection so far, this one included.
        let nth: Int
        let at: Duration
        /// Requests under way, this one included.
        let inFlight: Int
        let isConfirmation: Bool
    }

    /// What the server answers, and how long it takes.
    typealias Server = (Sent) -> (ending: AttemptEnding, after: Duration)

    var scheduler: PassScheduler
    private(set) var now = Duration.zero
    private(set) var sent: [Sent] = []
    private(set) var settled: [Int64: [String]] = [:]
    /// Steps until the end; a world that needs more than its bound hangs.
    private(set) var steps = 0
    /// How long a page of connections takes to be read.
    var readTime = Duration.zero

    private var waiting: ArraySlice<Int64>
    private var reading: (endsAt: Duration, page: ArraySlice<Int64>)?
    private let server: Server
    private var underWay: [(endsAt: Duration, attempt: Attempt, ending: AttemptEnding)] = []
    private var interventions: [(at: Duration, act: (inout PassScheduler) -> Void)] = []

    init(
        connections: Int, width: Int = 8, slots: Int? = nil, deadline: Duration = .seconds(720),
        alias: Bool = false, random: @escaping @Sendable () -> Double = { 0.5 },
        server: @escaping Server
    ) {
        scheduler = PassScheduler(
            width: width, slots: slots ?? width, deadline: deadline, authorityIsAlias: alias,
            random: random)
        waiting = Array(1...Int64(max(1, connections)))[..<connections]
        self.server = server
    }

    /// A server with one latency that answers by connection and by how often it was asked.
    init(
        connections: Int, width: Int = 8, deadline: Duration = .seconds(720),
        alias: Bool = false, answer: @escaping (_ row: Int64, _ nth: Int) -> TokenEndpointError?
    ) {
        self.init(connections: connections, width: width, deadline: deadline, alias: alias) {
            sent in
            let ending: AttemptEnding =
                answer(sent.row, sent.nth).map { .refused($0) } ?? .refreshed
            return (ending, .milliseconds(50))
        }
    }

    /// Something that happens from outside.
    mutating func at(_ instant: Duration, _ act: @escaping (inout PassScheduler) -> Void) {
        interventions.append((instant, act))
        interventions.sort { $0.at < $1.at }
    }

    /// Drives the scheduler to its end.
    mutating func run(
        stepLimit: Int = 100_000, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        loop: while true {
            steps += 1
            guard steps < stepLimit else {
                Issue.record("no end in sight", sourceLocation: sourceLocation)
                return
            }
            while let first = interventions.first, first.at <= now {
                interventions.removeFirst()
                first.act(&scheduler)
            }
            switch scheduler.next(at: now) {
            case .send(let attempt): send(attempt, sourceLocation)
            case .fetch: fetch(sourceLocation)
            case .wait(let until):
                guard wait(until: until) else {
                    Issue.record("waits for ever at \(now)", sourceLocation: sourceLocation)
                    return
                }
            case .finished: break loop
            }
        }
        #expect(
            underWay.isEmpty, "finished with requests under way", sourceLocation: sourceLocation)
        #expect(reading == nil, "finished while reading", sourceLocation: sourceLocation)
        if scheduler.applicationIsRefused { scheduler.stop(.application) }
        let remaining = scheduler.remaining()
        let unreached = waiting.map {
            Settlement(connection: .numbered($0), outcome: scheduler.outcomeOfUnreached)
        }
        for settlement in remaining + unreached { settle(settlement) }
    }

    private mutating func send(_ attempt: Attempt, _ sourceLocation: SourceLocation) {
        let row = attempt.connection.rowID
        #expect(
            !underWay.contains { $0.attempt.slot == attempt.slot }, "the slot is occupied",
            sourceLocation: sourceLocation)
        #expect(
            !underWay.contains { $0.attempt.connection.rowID == row }, "sent twice at once",
            sourceLocation: sourceLocation)
        #expect(
            (0..<scheduler.maximumWidth).contains(attempt.slot), sourceLocation: sourceLocation)
        #expect(settled[row] == nil, "sent after its end", sourceLocation: sourceLocation)
        let request = Sent(
            row: row, nth: sent.count { $0.row == row } + 1, at: now,
            inFlight: underWay.count + 1, isConfirmation: attempt.isConfirmation)
        sent.append(request)
        let answer = server(request)
        underWay.append((now + answer.after, attempt, answer.ending))
        #expect(scheduler.inFlight == underWay.count, sourceLocation: sourceLocation)
        #expect(underWay.count <= scheduler.maximumWidth, sourceLocation: sourceLocation)
    }

    private mutating func fetch(_ sourceLocation: SourceLocation) {
        #expect(reading == nil, "read twice at once", sourceLocation: sourceLocation)
        reading = (now + readTime, waiting.prefix(scheduler.pageSize))
        waiting = waiting.dropFirst(scheduler.pageSize)
        if readTime == .zero { endReading() }
    }

    private mutating func endReading() {
        guard let page = reading?.page else { return }
        reading = nil
        scheduler.fetched(page.isEmpty ? nil : page.map(Connection.numbered))
    }

    /// Jumps to whatever comes first: the instant, an answer, or an intervention.
    private mutating func wait(until instant: Duration?) -> Bool {
        let next = underWay.indices.min { underWay[$0].endsAt < underWay[$1].endsAt }
        let answerAt = next.map { underWay[$0].endsAt }
        // A pass that waits for answers is woken by them and by what was read; a signal is an event too.
        guard
            let soonest = [instant, answerAt, reading?.endsAt, interventions.first?.at]
                .compactMap(\.self).min(),
            instant != nil || answerAt != nil || reading != nil
        else { return false }
        now = max(now, soonest)
        if let reading, reading.endsAt <= now { endReading() }
        if let next, underWay[next].endsAt <= now {
            let ended = underWay.remove(at: next)
            for settlement in scheduler.ended(ended.attempt, ended.ending, at: now) {
                settle(settlement)
            }
        }
        return true
    }

    private mutating func settle(_ settlement: Settlement) {
        settled[settlement.connection.rowID, default: []].append(settlement.name)
    }
}

extension SchedulerWorld {
    /// What each connection came to; a connection that was settled twice reads `a, b`.
    var outcomes: [Int64: String] { settled.mapValues { $0.joined(separator: ", ") } }

    /// How many connections came to each outcome.
    var counts: [String: Int] {
        Dictionary(outcomes.values.map { ($0, 1) }, uniquingKeysWith: +)
    }

    var peak: Int { sent.map(\.inFlight).max() ?? 0 }

    func requests(of row: Int64) -> [Sent] { sent.filter { $0.row == row } }
}

extension Connection {
    static func numbered(_ number: Int64) -> Connection {
        Connection(
            id: ConnectionID(userID: .integer(number), provider: "microsoft"), rowID: number,
            refreshToken: Secret("refresh token \(number)"),
            expiresAt: Date(timeIntervalSince1970: 1_795_348_800))
    }
}
