/// `teams-token status`: the documents that the application's endpoints returned. Asking changes
/// nothing; with `--refresh` it is the pass's own code that does.

internal import FoundationEssentials

public struct StatusRequest: Sendable {
    public var users: [String]
    public var testsAPI: Bool
    public var refreshes: Bool

    public init(users: [String], testsAPI: Bool = false, refreshes: Bool = false) {
        self.users = users.withoutRepetitions
        self.testsAPI = testsAPI
        self.refreshes = refreshes
    }
}

extension AdminProgram {
    /// - Parameter signals: For a refresh only: what just reads dies by a signal at once.
    public func status(
        _ request: StatusRequest, signals: TerminationSignals?
    ) async -> ExitStatus {
        var configuration: Configuration?
        do throws(RunFailure) {
            let loaded = try loadConfiguration(needsClient: request.refreshes)
            configuration = loaded
            loaded.warnings.forEach(warn)
            let inquiry = Inquiry(
                program: self, request: request, configuration: loaded, signals: signals)
            return try await tell(try await inquiry.run(), request, loaded)
        } catch {
            let provider = configuration?.provider ?? "microsoft"
            let statuses = request.users.map {
                ConnectionStatus(error, user: $0, provider: provider)
            }
            printDocuments(statuses, request, configuration)
            return plainReporter.fail(error, configuration)
        }
    }

    /// Bad arguments, told in the form that this command's callers read.
    public func refuseStatus(_ message: String, hint: String) -> ExitStatus {
        let message = message.sanitized(limit: 500)
        console.out(
            JSON.members([("status", .string("error")), ("message", .string(message))]).line)
        return plainReporter.fail(RunFailure(.usage, message, hint: hint))
    }

    private func tell(
        _ found: Inquiry.Findings, _ request: StatusRequest, _ configuration: Configuration
    ) async throws(RunFailure) -> ExitStatus {
        printDocuments(found.statuses, request, configuration)
        try checkOutput()
        if let number = found.signal { return .interrupted(number) }
        let status = ExitStatus(ofAll: found.statuses.map(\.exitStatus))
        guard status != .ok else { return .ok }
        let remedies = remedies(configuration)
        let sentences = found.statuses.filter { $0.exitStatus != .ok }
            .map { $0.sentence(remedies, nearest: found.nearest) }
        console.error(
            "\(invocation.program): \(status.name) (\(status.code)): "
                + (sentences.count == 1
                    ? sentences[0]
                    : "\(sentences.count) of \(found.statuses.count) connections need attention"))
        if sentences.count > 1 { sentences.forEach { console.error("  \($0)") } }
        return status
    }

    /// One user, one document; several, an array.
    private func printDocuments(
        _ statuses: [ConnectionStatus], _ request: StatusRequest, _ configuration: Configuration?
    ) {
        let documents = statuses.map {
            $0.json(testsAPI: request.testsAPI, remedies: remedies(configuration))
        }
        let isSingle = request.users.count == 1 && documents.count == 1
        console.out((isSingle ? documents[0] : .array(documents)).line)
    }

    private func remedies(_ configuration: Configuration?) -> Remedies {
        configuration?.remedies ?? Remedies()
    }
}

extension ConnectionStatus {
    /// `user 7: the session was revoked; let user 7 sign in again`
    fileprivate func sentence(_ remedies: Remedies, nearest: [String: String]) -> String {
        let user = userID.description.sanitized(limit: 64)
        if kind == .disconnected {
            let guess = nearest[userID.description].map {
                "; did you mean \($0.sanitized(limit: 64))?"
            }
            return "no connection of user \(user)\(guess ?? "")"
        }
        let words = [reason?.sanitized(), remedy(remedies)].compactMap { $0 }
        return "user \(user): \(words.joined(separator: "; "))"
    }
}
