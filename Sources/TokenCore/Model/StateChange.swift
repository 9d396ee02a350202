/// Something that somebody has to act on has begun or has ended. Decided from what was stored before
/// the pass and what came of it, so that each change is told once.

public struct StateChange: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case began
        case ended
    }

    public let kind: Kind
    /// What it is about; of one that has ended, as it was.
    public let problem: Problem

    public init(_ kind: Kind, _ problem: Problem) {
        self.kind = kind
        self.problem = problem
    }
}
