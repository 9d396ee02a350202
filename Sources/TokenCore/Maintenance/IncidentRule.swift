/// Many healthy connections refused at once are one incident (a service, a policy, a proxy), not many
/// dead users. Pure.

internal import FoundationEssentials

struct IncidentRule {
    /// Connections refreshed successfully before and tried in this pass.
    var provenTried = 0
    /// Those of them that need a person for the first time.
    var provenRefused = 0

    /// More than a fifth, and at least twenty.
    var isIncident: Bool { provenRefused >= 20 && provenRefused * 5 > provenTried }

    /// A pass at least this long after the first that saw the incident believes it.
    static let patience = 3600.0

    /// Whether verdicts are held back.
    /// - Parameter firstSeen: When an earlier pass in a row saw the same.
    func holdsBack(firstSeen: Date?, now: Date) -> Bool {
        guard isIncident else { return false }
        guard let firstSeen else { return true }
        return now.timeIntervalSince(firstSeen) < Self.patience
    }

    static func isProven(_ connection: Connection) -> Bool {
        connection.lastRefreshedAt != nil && connection.failure?.needsPerson != true
    }
}
