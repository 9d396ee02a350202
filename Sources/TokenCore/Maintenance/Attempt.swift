/// One redemption of one connection's refresh token, from the decision to send it to what it came to.

struct Attempt: Sendable {
    let connection: Connection
    /// The place in the spool where its answer waits for the commit.
    var slot = 0
    var sentAt = Duration.zero
    /// Whether its answer has come, and waits for the disk.
    var isStoring = false
    /// Tries so far that ended without an answer about the token, this one included.
    var number = 1
    /// How often the server has asked this connection to wait.
    var throttles = 0
    /// What this one is to confirm before anybody is asked to act; nil for a first opinion.
    var firstOpinion: TokenEndpointError?
    var isConfirmation: Bool { firstOpinion != nil }
    /// What the try before this one came to.
    var lastError: TokenEndpointError?
}

/// How an attempt ended.
enum AttemptEnding: Sendable {
    case refreshed
    /// The row holds another refresh token by now, or is gone.
    case raced
    case refused(TokenEndpointError)
    /// Tokens were received and could not be stored; they are in the spool.
    case storeFailed(StoreError)
}

/// What a pass decided about a connection. Each due connection is settled exactly once.
struct Settlement: Sendable {
    enum Outcome: Sendable {
        case refreshed
        case raced
        case failed(Verdict, TokenEndpointError)
        /// The application is to blame: nothing is recorded against the connection.
        case configuration(TokenEndpointError)
        /// The tokens are in the spool, not in the table.
        case unstored(StoreError)
        case deferred
        case notAttempted
    }

    let connection: Connection
    let outcome: Outcome
    /// Of the last request for it; nil where none was made.
    var correlationID: String?
}
