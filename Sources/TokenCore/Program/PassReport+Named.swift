/// Forced connections count as due. Those without a refresh token can't be tried: that is what the
/// person who named them has to hear.

extension PassReport {
    mutating func blameMissingRefreshTokens(of rows: [SelectedRow]) {
        for case .noRefreshToken(let id) in rows {
            if counts.noRefreshToken > 0 { counts.noRefreshToken -= 1 }
            counts.reauthRequired += 1
            problems.append(
                Problem(
                    userID: id.userID, provider: id.provider, cause: .verdict(.reauthRequired),
                    who: .user, refusal: .noRefreshToken))
        }
    }
}

extension Refusal {
    static let noRefreshToken = Refusal(
        message:
            "the row holds no refresh token (was offline_access among the scopes of the sign-in?)")
}
