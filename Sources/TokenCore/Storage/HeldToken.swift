/// The access token that a row holds, with the expiry that belongs to it: read together, so that no refresh
/// comes between the two.

internal import FoundationEssentials

struct HeldToken: Sendable {
    let userID: UserID
    let accessToken: Secret
    /// Nil when it can't be read.
    let expiresAt: Date?

    /// Whether it can be used for some time to come.
    func lasts(_ duration: Duration, from now: Date) -> Bool {
        guard accessToken.isBearerToken, let expiresAt else { return false }
        return expiresAt > now && expiresAt >= now + duration.seconds
    }
}

extension TokenStore {
    /// What the row of a user holds; nil without one. Where there are two, the integer is meant.
    func heldToken(of argument: String) throws(StoreError) -> HeldToken? {
        try translating {
            let statement = try database.prepare(
                "SELECT access_token, expires_at FROM oauth_tokens WHERE rowid = ?1")
            for userID in UserID.candidates(for: argument) {
                guard let rowID = try rowID(of: userID),
                    try statement.bind(.integer(rowID)).step()
                else { continue }
                defer { statement.reset() }
                return HeldToken(
                    userID: userID, accessToken: Secret(statement.text(0)),
                    expiresAt: ExpiresAt(statement.value(1), zone: settings.zone)?.date)
            }
            return nil
        }
    }
}
