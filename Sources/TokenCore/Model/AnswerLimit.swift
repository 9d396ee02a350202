/// How long an answer may be. Real ones have 5 KB; a longer one than this is refused while it arrives.

public enum AnswerLimit {
    /// Bytes of a body.
    public static let bodySize = 1 << 20
}
