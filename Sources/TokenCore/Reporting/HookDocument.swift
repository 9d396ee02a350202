/// What a hook reads: the state changes of one pass, one JSON document, one line.

struct HookDocument: Sendable {
    private let program: String
    private let runID: String
    private let changes: [StateChange]
    private let remedies: Remedies

    init(program: String, runID: String, changes: [StateChange], remedies: Remedies) {
        self.program = program
        self.runID = runID
        self.changes = changes
        self.remedies = remedies
    }

    var json: JSON {
        .members([
            ("schema", .integer(1)), ("program", .string(program)), ("run_id", .string(runID)),
            ("events", .array(changes.map(event))),
        ])
    }

    private func event(_ change: StateChange) -> JSON {
        let problem = change.problem
        let refusal = problem.refusal
        let hasEnded = change.kind == .ended
        return .members([
            ("event", .string(hasEnded ? "recovered" : problem.cause.name)),
            // What a recovery is from.
            ("was", hasEnded ? .string(problem.cause.name) : .null),
            ("user_id", .user(problem.userID)), ("provider", .string(problem.provider)),
            ("since", .time(problem.since)), ("who", .string(problem.who.rawValue)),
            ("error", .text(refusal.error)), ("suberror", .text(refusal.suberror)),
            ("codes", .array(refusal.codes.map { .count($0) })),
            ("message", .string(refusal.message.sanitized(limit: 1000))),
            ("remedy", hasEnded ? .null : .string(remedies.remedy(for: problem))),
        ])
    }
}
