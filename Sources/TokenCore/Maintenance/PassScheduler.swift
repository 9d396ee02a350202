/// What the pass does next, decided from what has happened so far. Pure: no I/O, no clock, so that every
/// rule about who is sent, retried, confirmed or left alone is tested without a server.
///
///     leading ──answer about the token──▶ flowing ◀──success── outage (one at a time)
///        │                                  │  ▲                ▲
///        └──application refused──▶ checking ┘  └── 10 in a row without an answer
///                                     │
///                                     └── 3 refusals, no success ──▶ stopped(application)

struct PassScheduler {
    enum Phase: Equatable {
        /// The first connection alone: a broken application must cost one request, not hundreds.
        case leading
        /// The application was refused: up to three connections, one by one, must agree.
        case checking
        case flowing
        /// Nobody answers: one request at a time until somebody does.
        case outage(since: Duration, nextAt: Duration)
        case stopped(StopReason)
    }

    /// What the driver is to do.
    enum Step {
        case send(Attempt)
        /// Begin to read more connections; what is found is told by ``fetched(_:)``.
        case fetch
        /// Nothing can start before this instant, or, with nil, before an attempt or a reading ends.
        case wait(until: Duration?)
        case finished
    }

    private(set) var phase = Phase.leading
    /// Requests at once: halved when the server throttles, grown again by successes.
    private(set) var width: Int
    /// When the width changed last, since the server asked for less in this pass.
    private var limitMetAt: Duration?
    /// When the token endpoint may be called again, as far as this pass waits for it.
    private(set) var pausedUntil: Duration?
    /// The pause that outlives this pass.
    private(set) var recordedPause: Duration?

    let maximumWidth: Int
    let deadline: Duration
    let authorityIsAlias: Bool
    var random: @Sendable () -> Double

    var ready: ArraySlice<Connection> = []
    private(set) var sourceIsEmpty = false
    /// Whether connections are being read.
    private var isFetching = false
    var retries: [(readyAt: Duration, attempt: Attempt)] = []
    var confirmations: [Attempt] = []
    /// Refusals that blame the application, or the row, depending on what the others say.
    var undecided: [(attempt: Attempt, error: TokenEndpointError)] = []
    private let slots: Int
    var freeSlots: [Int]
    /// Attempts that have begun and not ended.
    var inFlight = 0
    /// Those of them whose answer has come, and waits for the disk: they keep no request from being sent.
    private(set) var storing = 0
    var successes = 0
    var unansweredInARow = 0
    /// When a connection broke last, as far as it counts among them.
    var brokenAt: Duration?
    /// Connections whose new tokens a rule of the table refused.
    var refusedByTable = 0
    /// Whether the table refuses tokens since an earlier pass.
    var suspectsTable = false
    var throttleSpent = Duration.zero

    /// - Parameters:
    ///   - width: Requests at once.
    ///   - slots: Answers that have a place until they are stored; at least `width`.
    init(
        width: Int, slots: Int, deadline: Duration, authorityIsAlias: Bool,
        random: @escaping @Sendable () -> Double
    ) {
        self.width = width
        maximumWidth = width
        self.deadline = deadline
        self.authorityIsAlias = authorityIsAlias
        self.random = random
        self.slots = slots
        freeSlots = Array((0..<slots).reversed())
    }

    /// The next thing to do at an instant.
    mutating func next(at now: Duration) -> Step {
        if now >= deadline, !isDone { stop(.budget) }
        if case .outage(let since, _) = phase, now - since >= BackoffPolicy.outagePatience,
            inFlight == 0
        {
            stop(.outage)
        }
        if case .stopped = phase {
            return inFlight == 0 && !isFetching ? .finished : .wait(until: nil)
        }
        // In full flow ahead of time: while the store is at a commit as many can be sent as have slots. In a pause
        // too: whether anybody is left to wait for has to be known.
        let ahead = phase == .flowing ? width * slots / maximumWidth : 1
        if ready.count < ahead, !sourceIsEmpty, !isFetching {
            isFetching = true
            return .fetch
        }
        if let pausedUntil, now < pausedUntil, !(isDone && undecided.isEmpty) {
            return .wait(until: pausedUntil)
        }
        guard hasRoom else { return .wait(until: nil) }
        if case .outage(_, let nextAt) = phase, now < nextAt { return .wait(until: nextAt) }

        // In an outage those that nobody has asked yet come first: one of them may show that only some
        // connections get no answer.
        let prefersUntried = isOutage && !(ready.isEmpty && sourceIsEmpty)
        if let first = retries.first, first.readyAt <= now, !prefersUntried {
            return send(retries.removeFirst().attempt, at: now)
        }
        if let connection = ready.popFirst() {
            return send(Attempt(connection: connection), at: now)
        }
        if isFetching, prefersUntried { return .wait(until: nil) }
        if let first = retries.first { return .wait(until: first.readyAt) }
        if isFetching { return .wait(until: nil) }
        if inFlight == 0, now < deadline { reconsiderUndecided() }
        if !confirmations.isEmpty, !isWaitingForFirstAnswers {
            return send(confirmations.removeFirst(), at: now)
        }
        return inFlight == 0 ? .finished : .wait(until: nil)
    }

    /// How many connections to read at a time. In full flow the store reads one page between two commits, and
    /// each of those may be of hundreds.
    var pageSize: Int { phase == .flowing ? max(64, width / 2) : 64 }

    /// Takes what was read; nil when there is no more.
    mutating func fetched(_ connections: [Connection]?) {
        isFetching = false
        guard let connections else { return sourceIsEmpty = true }
        // Anew, for appended to the others they would keep those that were sent in memory.
        ready = ready + connections
    }

    /// Starts nothing more. The first reason stays, but a signal or a failed store outranks it.
    mutating func stop(_ reason: StopReason) {
        switch (phase, reason) {
        case (.stopped(.database), _): return
        case (.stopped, .database), (.stopped, .signal): phase = .stopped(reason)
        case (.stopped, _): return
        default: phase = .stopped(reason)
        }
    }

    var stopReason: StopReason? {
        if case .stopped(let reason) = phase { reason } else { nil }
    }

    /// Whether there is nothing left to start, whatever is still under way.
    private var isDone: Bool {
        sourceIsEmpty && ready.isEmpty && retries.isEmpty && confirmations.isEmpty
    }

    /// A confirmation comes last, when all others have had their answer.
    private var isWaitingForFirstAnswers: Bool { inFlight > 0 && firstAnswersOpen > 0 }

    /// Attempts in flight that are no confirmations.
    private var firstAnswersOpen = 0

    /// Whether another request may be sent. While it is not clear that one works, none is sent before the
    /// one before has ended.
    private var hasRoom: Bool {
        guard !freeSlots.isEmpty else { return false }
        return phase == .flowing ? inFlight - storing < width : inFlight == 0
    }

    var isOutage: Bool { if case .outage = phase { true } else { false } }

    private mutating func send(_ attempt: Attempt, at now: Duration) -> Step {
        var attempt = attempt
        attempt.sentAt = now
        attempt.isStoring = false
        attempt.slot = freeSlots.removeLast()
        inFlight += 1
        if !attempt.isConfirmation { firstAnswersOpen += 1 }
        if case .outage(let since, _) = phase { phase = .outage(since: since, nextAt: .zero) }
        return .send(attempt)
    }

    /// Takes an attempt that has ended out of the books; its slot is free again.
    mutating func leave(_ attempt: Attempt) {
        freeSlots.append(attempt.slot)
        leaveOccupied(attempt)
    }

    /// Takes note that an attempt has its answer, and waits for the disk.
    mutating func answerArrived(_ attempt: inout Attempt) {
        attempt.isStoring = true
        storing += 1
    }

    /// The same, while its slot still holds an answer that is nowhere else.
    mutating func leaveOccupied(_ attempt: Attempt) {
        inFlight -= 1
        if attempt.isStoring { storing -= 1 }
        if !attempt.isConfirmation { firstAnswersOpen -= 1 }
    }

    mutating func move(to phase: Phase) { self.phase = phase }

    mutating func schedule(_ attempt: Attempt, at instant: Duration) {
        let place = retries.firstIndex { $0.readyAt > instant } ?? retries.endIndex
        retries.insert((instant, attempt), at: place)
    }

    /// Once for all the answers that were under way when the server first had enough.
    mutating func narrow(at now: Duration) {
        guard now >= pausedUntil ?? .zero else { return }
        width = max(1, width / 2)
        limitMetAt = now
    }

    /// By one for a success; not sooner than it is worth meeting the server's limit again.
    mutating func widen(at now: Duration) {
        if let since = limitMetAt {
            guard now - since >= BackoffPolicy.regrowth / width else { return }
            limitMetAt = now
        }
        width = min(maximumWidth, width + 1)
    }

    mutating func pause(until instant: Duration) {
        pausedUntil = max(pausedUntil ?? .zero, instant)
    }

    mutating func recordPause(until instant: Duration) {
        recordedPause = max(recordedPause ?? .zero, instant)
    }
}
