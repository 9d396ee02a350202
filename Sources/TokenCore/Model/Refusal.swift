/// Why a redemption gave no tokens, reduced to what may be shown and stored: never a body, a header
/// or a token.

public struct Refusal: Equatable, Sendable, Codable {
    /// The OAuth error code (RFC 6749 §5.2), for example `invalid_grant`.
    public var error: String?
    /// Microsoft's finer code, for example `bad_token`.
    public var suberror: String?
    /// The AADSTS numbers, in the order sent.
    public var codes: [Int]
    /// HTTP status; nil when no answer arrived.
    public var status: Int?
    /// What to quote to Microsoft's support.
    public var correlationID: String?
    public var traceID: String?
    /// One sentence in our words, with nothing from the server that could hold a secret.
    public var message: String
    /// Who has to act, where that is another than the verdict says by itself. Nil in what older
    /// versions stored.
    public var who: Responsible?

    public init(
        error: String? = nil, suberror: String? = nil, codes: [Int] = [], status: Int? = nil,
        correlationID: String? = nil, traceID: String? = nil, message: String
    ) {
        self.error = error
        self.suberror = suberror
        self.codes = codes
        self.status = status
        self.correlationID = correlationID
        self.traceID = traceID
        self.message = message
    }
}

extension Refusal {
    /// What is said about a malformed row.
    static let unreadableRow = Refusal(message: "expires_at or user_id of this row can't be read")
}
