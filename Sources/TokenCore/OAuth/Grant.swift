/// What a client offers in exchange for tokens.

public enum Grant: Hashable, Sendable {
    /// RFC 6749 §6.
    case refreshToken(Secret)
    /// RFC 8628 §3.4.
    case deviceCode(Secret)
}

extension Grant {
    /// The fields of one redemption, in the order in which they are sent.
    /// - Parameter claims: JSON that a claims challenge asked to pass on (OpenID Connect Core §5.5).
    func form(for registration: ClientRegistration, claims: String?) -> HTTPForm {
        var form = HTTPForm()
        form.append("client_id", Secret(registration.clientID))
        switch self {
        case .refreshToken(let token):
            form.append("grant_type", Secret("refresh_token"))
            form.append("refresh_token", token)
            if let scopes = registration.scopes { form.append("scope", Secret(scopes)) }
        case .deviceCode(let code):
            // The scopes were named when the enrolment began.
            form.append("grant_type", Secret("urn:ietf:params:oauth:grant-type:device_code"))
            form.append("device_code", code)
        }
        if let claims { form.append("claims", Secret(claims)) }
        if case .secret(let secret) = registration.credential {
            form.append("client_secret", secret)
        }
        return form
    }
}
