/// The settings that are one word of a list. The raw values are what an operator writes.

/// Which passes report a problem.
public enum ReportPolicy: String, CaseIterable, Sendable {
    /// Every pass that meets it.
    case always
    /// The pass in which it appears, changes or ends, and again after a day.
    case change
    /// As `always`, and nothing but failures.
    case error
}

public enum LogFormat: String, CaseIterable, Sendable {
    /// One line of text an event.
    case text
    /// One JSON object a line.
    case json
}

/// The levels of swift-log, least important first.
public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}
