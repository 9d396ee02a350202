/// Many healthy connections refused at once are one incident (a service, a policy, a proxy), not many
/// dead users. Pure.

internal import FoundationEssentials

struct IncidentRule {
    /// Connections refreshed successfully before and taken up in this pass.
    var provenTried = 0
    /// Those of them about which the server said something.
    var provenAnswered = 0
    /// Those of them that were to need a person for the first time, confirmed or not.
    var provenRefused = 0

    enum Judgement: Equatable {
        /// Nothing out of the ordinary.
        case calm
        /// Seen for the first time.
        case begins
        /// It stands since then.
        case lasts(since: Date, holdsBack: Bool)
        /// Seen long enough: the verdicts are the truth.
        case believed
        case over(since: Date)

        /// Whether first verdicts are nobody's yet.
        var holdsBack: Bool {
            switch self {
            case .begins, .lasts(_, holdsBack: true): true
            case .calm, .lasts(_, holdsBack: false), .believed, .over: false
            }
        }
    }

    /// More than a fifth, and at least twenty.
    var isIncident: Bool { provenRefused >= Self.fewest && isLargeShare }

    /// Enough was answered, and well enough, to say that it is over. Who gets no answer shows nothing.
    private var isOver: Bool {
        provenAnswered > 0 && !isLargeShare
            && (provenAnswered >= Self.fewest || provenAnswered == provenTried)
    }

    private var isLargeShare: Bool { provenRefused * 5 > provenAnswered }

    private static let fewest = 20

    /// A pass at least this long after the first that saw the incident believes it.
    static let patience = 3600.0

    /// - Parameters:
    ///   - firstSeen: When an earlier pass saw an incident that is not over since.
    ///   - isPartial: A pass over named users says nothing about the many.
    func judgement(firstSeen: Date?, isPartial: Bool, now: Date) -> Judgement {
        guard let firstSeen else { return isIncident ? .begins : .calm }
        let isYoung = now.timeIntervalSince(firstSeen) < Self.patience
        if isPartial { return isYoung ? .lasts(since: firstSeen, holdsBack: true) : .calm }
        if isIncident, !isYoung { return .believed }
        if !isIncident, isOver { return .over(since: firstSeen) }
        return .lasts(since: firstSeen, holdsBack: isYoung)
    }

    static func isProven(_ connection: Connection) -> Bool {
        connection.lastRefreshedAt != nil && connection.failure?.needsPerson != true
    }
}
