/// The events of a pass as log lines. Each connection's line can be followed by `run_id`, and each
/// request's by the correlation ID that Microsoft knows it by.

public import Logging

public struct PassLog: Sendable {
    private let logger: Logger

    public init(_ logger: Logger) { self.logger = logger }

    public func note(_ event: PassEvent) {
        switch event {
        case .started: logger.info("pass started")
        case .spoolReplayed(let stored):
            logger.notice(
                "stored what an earlier run had received", metadata: ["tokens": "\(stored)"])
        case .attempted(let id, let outcome, let status, let correlationID, let took):
            logger.debug(
                "request ended",
                metadata: [
                    "user": "\(id.userID)", "outcome": "\(outcome)",
                    "status": "\(status.map(String.init) ?? "none")",
                    "correlation_id": "\(correlationID)", "milliseconds": "\(took.milliseconds)",
                ])
        case .settled(let id, let outcome, let refusal, let correlationID):
            var metadata: Logger.Metadata = ["user": "\(id.userID)", "outcome": "\(outcome)"]
            // Microsoft's own word for the request counts before ours.
            if let known = refusal?.correlationID ?? correlationID {
                metadata["correlation_id"] = "\(known)"
            }
            if let refusal {
                metadata["reason"] = "\(refusal.message)"
                metadata["error"] = refusal.error.map { "\($0)" }
                metadata["suberror"] = refusal.suberror.map { "\($0)" }
                if !refusal.codes.isEmpty {
                    metadata["codes"] = "\(refusal.codes.map(String.init).joined(separator: ","))"
                }
                metadata["trace_id"] = refusal.traceID.map { "\($0)" }
            }
            logger.log(
                level: refusal == nil ? .info : .warning, "connection settled", metadata: metadata)
        case .probed(let id, let outcome):
            logger.info("api tested", metadata: ["user": "\(id.userID)", "outcome": "\(outcome)"])
        case .paused(let until):
            logger.warning(
                "the token endpoint asked to wait", metadata: ["until": "\(until.rfc3339)"])
        case .progress, .testing: break
        }
    }

    /// The last line of a run, whatever became of it.
    public func finish(_ status: ExitStatus, _ report: PassReport?, warnings: [String]) {
        for warning in warnings { logger.warning("\(warning)") }
        var metadata: Logger.Metadata = [
            "exit_code": "\(status.code)", "result": "\(status.row.result)",
        ]
        for (name, count) in report?.counts.named ?? [] {
            if let count, count > 0 { metadata[name] = "\(count)" }
        }
        logger.log(level: status == .ok ? .info : .error, "pass finished", metadata: metadata)
    }

    public func fail(_ message: String) { logger.error("\(message)") }
}
