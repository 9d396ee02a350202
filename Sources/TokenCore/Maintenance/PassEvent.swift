/// What a pass tells whoever watches it: the log, the progress line, `--verbose`.

public import FoundationEssentials

public enum PassEvent: Sendable {
    case started(runID: String)
    /// An earlier process had received tokens and died before storing them.
    case spoolReplayed(stored: Int)
    /// A request has ended; `outcome` is a verdict, or `retry`, `confirm`.
    case attempted(
        ConnectionID, outcome: String, status: Int?, correlationID: String, took: Duration)
    /// A connection is settled for this pass.
    case settled(ConnectionID, outcome: String, refusal: Refusal?, correlationID: String?)
    case progress(settled: Int, inFlight: Int)
    /// `--test-api`: so many connections were asked about.
    case testing(tested: Int)
    case probed(ConnectionID, outcome: String)
    /// The token endpoint asked everybody to wait.
    case paused(until: Date)
}

public typealias PassObserver = @Sendable (PassEvent) -> Void
