/// What a monitoring system of the Nagios family makes of an answer (Monitoring Plugins development
/// guidelines).

public enum NagiosState: Int32, CaseIterable, Sendable {
    case ok
    case warning
    case critical
    case unknown

    var name: String {
        switch self {
        case .ok: "OK"
        case .warning: "WARNING"
        case .critical: "CRITICAL"
        case .unknown: "UNKNOWN"
        }
    }

    /// What is known to be wrong outweighs what is not known.
    var severity: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .unknown: 2
        case .critical: 3
        }
    }
}

extension ExitStatus {
    /// The state of a run that ended so, from the table.
    var nagiosState: NagiosState { NagiosState(rawValue: row.nagios) ?? .unknown }
}
