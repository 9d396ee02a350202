import FoundationEssentials

/// A device authorisation under way (RFC 8628 §3.2).
struct DeviceCode {
    let code: String
    let userCode: String
    let login: DeviceLogin
    /// What the client asked for; a poll need not name it again.
    let scope: String
    let expiresAt: Date
    private var polls = 0

    init(login: DeviceLogin, scope: String, issuedAt now: Date) {
        // Random, so that two sandboxes never know each other's codes.
        let seed = TokenText.randomGUID()
        code = "sandbox-dc." + TokenText.filler(for: seed.utf8, length: 90)
        userCode = String(seed.filter { $0 != "-" }.prefix(9)).uppercased()
        self.login = login
        self.scope = scope
        expiresAt = now.addingTimeInterval(Double(login.expiresIn))
    }

    /// One poll of the client.
    mutating func poll(at now: Date) throws(OAuthFailure) {
        guard now < expiresAt else { throw .expiredDeviceCode }
        polls += 1
        guard polls > login.pendingPolls else { throw .authorizationPending }
        switch login.outcome {
        case .approved: return
        case .declined: throw .authorizationDeclined
        case .expired: throw .expiredDeviceCode
        }
    }

    /// The reply to the client that asked for the code.
    var members: JSONMembers {
        let page = "https://microsoft.com/devicelogin"
        var members = JSONMembers()
        members.set("user_code", userCode)
        members.set("device_code", code)
        members.set("verification_uri", page)
        members.set("expires_in", login.expiresIn)
        members.set("interval", login.interval)
        members.set(
            "message",
            "To sign in, use a web browser to open the page \(page) and enter the code \(userCode)"
                + " to authenticate.")
        return members
    }
}
