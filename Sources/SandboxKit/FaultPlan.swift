/// The faults still to come, by user. `*` stands for everybody.
struct FaultPlan {
    static let everybody = "*"

    private(set) var faults: [String: [Fault]] = [:]

    mutating func replace(for user: String, with list: [Fault]) {
        faults[user] = list.isEmpty ? nil : list
    }

    /// What one request suffers; counts go down by what applied. See ``Fault`` for the order.
    mutating func disturb(_ endpoint: Fault.Endpoint, user: String?) -> Disturbance {
        var disturbance = Disturbance()
        guard !faults.isEmpty else { return disturbance }
        for name in [user, Self.everybody].compactMap(\.self) {
            guard var list = faults[name] else { continue }
            for index in list.indices
            where list[index].endpoint == endpoint && list[index].count.map({ $0 > 0 }) ?? true {
                guard disturbance.absorb(list[index].effect) else { continue }
                list[index].count = list[index].count.map { $0 - 1 }
            }
            replace(for: name, with: list.filter { $0.count != 0 })
        }
        return disturbance
    }
}

/// All faults of one request together.
struct Disturbance {
    /// What breaks on the way to the client.
    enum Flaw {
        case cut(Fault.CutPoint)
        case truncated
        case wrongLength(by: Int)
    }

    var delayMilliseconds = 0
    /// The fault whose answer takes the place of the real one.
    var replacement: Fault.Effect?
    var flaw: Flaw?
    var fields: [(name: String, json: String?)] = []
    var padding = 0
    var dateOffset = 0

    /// False when an earlier fault already decides what this one would.
    mutating func absorb(_ effect: Fault.Effect) -> Bool {
        switch effect {
        case .slow(let milliseconds): delayMilliseconds += max(0, milliseconds)
        case .huge(let bytes): padding += min(max(0, bytes), 64 << 20)
        case .field(let name, let json): fields.append((name, json))
        case .dateOffset(let seconds): dateOffset += seconds
        case .oauthError, .status, .html, .claimsChallenge:
            guard isUndecided else { return false }
            replacement = effect
        case .cut(let point): return absorb(Flaw.cut(point))
        case .truncated: return absorb(Flaw.truncated)
        case .wrongLength(let by): return absorb(Flaw.wrongLength(by: by))
        }
        return true
    }

    private mutating func absorb(_ flaw: Flaw) -> Bool {
        guard isUndecided else { return false }
        self.flaw = flaw
        return true
    }

    private var isUndecided: Bool { replacement == nil && flaw == nil }
}
