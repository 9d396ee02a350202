/// A whole connection as it is to stand in the table: from a sign-in, or from another system.

internal import FoundationEssentials

struct Enrolment: Sendable {
    let userID: UserID
    let provider: String
    let accessToken: Secret
    /// Nil or a blank one leaves the one that a row has: a refresh token is never blanked.
    let refreshToken: Secret?
    let expiresAt: Expiry
    /// Only those that are to be written, where the table has them; the others keep what they hold, or
    /// their default.
    var others: [Column: SQLiteValue] = [:]

    enum Expiry: Sendable {
        /// In the form that the row has, or else the newest row of the provider.
        case instant(Date)
        case stored(SQLiteValue)
    }

    enum Column: String, CaseIterable {
        case tokenType = "token_type"
        case scope
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}
