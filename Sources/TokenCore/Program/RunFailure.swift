/// Why a run ended before its pass: the status, and everything a person needs to mend it.

public struct RunFailure: Error, Sendable {
    public let status: ExitStatus
    /// The words behind `PROGRAM: NAME (code): `.
    public let summary: String
    /// More about it, a line each.
    public let details: [String]
    /// What to do about it.
    public let hint: String?
    /// The messages of its problems in JSON, where there is more than one.
    var messages: [String]?
    /// Whose failure it is and what the server said, where that is known; the words and the remedy are
    /// those above.
    var subject: Problem?
    /// The pass that had been made all the same, when only its journal failed.
    var report: PassReport?
    /// What else went wrong; nil for the warnings of a configuration that could be read.
    var warnings: [String]?

    public init(
        _ status: ExitStatus, _ summary: String, details: [String] = [], hint: String? = nil
    ) {
        self.status = status
        self.summary = summary
        self.details = details
        self.hint = hint
    }

    init(_ failure: ConfigurationFailure) {
        let status: ExitStatus =
            switch failure.kind {
            case .usage: .usage
            case .configuration: .config
            case .permission: .permission
            }
        self.init(
            status, failure.summary, details: failure.details,
            hint:
                "every setting is explained by `man maintain-teams.env`, and in docs/configuration.md"
        )
        warnings = failure.warnings
        messages = [summary] + details
    }

    /// - Parameter leavesTokens: Whether the spool holds what could not be stored.
    init(_ error: StoreError, leavesTokens: Bool = false) {
        self.init(
            error.kind == .permission ? .permission : .database, error.message,
            hint: leavesTokens ? error.hint : error.hintWithoutTokens)
    }

    /// The lines under the first one.
    var lines: [String] { details + [hint.map { "hint: \($0)" }].compactMap { $0 } }

    /// The failure as problems of a JSON document: one for one thing that went wrong.
    func problems(provider: String) -> [Problem] {
        if var subject {
            subject.remedy = hint
            return [subject]
        }
        let words = messages ?? [([summary] + details).joined(separator: "; ")]
        return words.map { message in
            Problem(
                userID: nil, provider: provider, cause: .run(status.row.result), who: .operator,
                refusal: Refusal(message: message), remedy: hint)
        }
    }
}
