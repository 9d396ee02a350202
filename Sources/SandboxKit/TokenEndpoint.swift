import FoundationEssentials
import NIOHTTP1

/// `POST /{tenant}/oauth2/v2.0/token` and `…/devicecode`: who asks, with what, and what they get.
struct TokenEndpoint {
    let configuration: SandboxConfiguration
    let ledger: Ledger

    /// Granted when a request names no scope: what the user consented to, in this made-up case.
    static let standardScope = "email openid profile User.Read Team.ReadBasic.All"

    static let deviceGrants: Set = ["urn:ietf:params:oauth:grant-type:device_code", "device_code"]

    /// The user named by whatever credential the form holds.
    func user(in form: FormFields) -> String? {
        if let token = form["refresh_token"] { return RefreshTokenForm(token)?.user }
        return form["device_code"].flatMap(ledger.deviceUser(of:))
    }

    /// The success body of a token request.
    func redeem(
        _ form: FormFields, headers: HTTPHeaders, tenant: String, at now: Date
    ) throws(OAuthFailure) -> JSONMembers {
        if let name = form.duplicate { throw .duplicateField(name) }
        guard let grant = form["grant_type"] else { throw .missingField("grant_type") }
        let client = try authenticate(form, headers)
        switch grant {
        case "refresh_token":
            guard let text = form["refresh_token"] else { throw .missingField("refresh_token") }
            guard let token = RefreshTokenForm(text) else { throw .malformedGrant }
            let next = try ledger.redeem(token, rotation: configuration.rotation)
            return success(
                user: token.user, generation: next, form, scope: form["scope"], client: client,
                tenant: tenant, at: now)
        case _ where Self.deviceGrants.contains(grant):
            guard let code = form["device_code"] else { throw .missingField("device_code") }
            let approved = try ledger.poll(code, at: now)
            let user = approved.login.user
            return success(
                user: user, generation: ledger.signIn(user), form,
                scope: form["scope"] ?? approved.scope, client: client, tenant: tenant, at: now)
        default: throw .unsupportedGrant(grant)
        }
    }

    /// The reply to a client that wants a device code. Needs no secret, as at Microsoft.
    func deviceCode(_ form: FormFields, at now: Date) throws(OAuthFailure) -> JSONMembers {
        guard let client = form["client_id"] else { throw .missingField("client_id") }
        guard configuration.clientID ?? client == client else { throw .unknownApplication }
        guard let scope = form["scope"] else { throw .missingField("scope") }
        return ledger.issueDeviceCode(scope: scope, at: now).members
    }

    /// `client_secret_post`, `client_secret_basic` or an assertion, which is taken at its word.
    /// - Returns: The client ID.
    private func authenticate(
        _ form: FormFields, _ headers: HTTPHeaders
    ) throws(OAuthFailure) -> String {
        let basic = Self.basicCredential(headers)
        guard let client = basic?.id ?? form["client_id"] else { throw .missingField("client_id") }
        guard configuration.clientID ?? client == client else { throw .unknownApplication }
        let secret = basic?.secret ?? form["client_secret"]
        let assertion = form["client_assertion"]
        guard let expected = configuration.clientSecret else {
            guard secret == nil, assertion == nil else { throw .unexpectedCredential }
            return client
        }
        if let secret {
            guard secret == expected else { throw .wrongSecret }
        } else {
            let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            guard assertion != nil, form["client_assertion_type"] == type else {
                throw .missingCredential
            }
        }
        return client
    }

    /// RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    private static func basicCredential(_ headers: HTTPHeaders) -> (id: String, secret: String)? {
        guard let value = headers.first(name: "Authorization"), value.hasPrefix("Basic "),
            let bytes = TokenText.bytes(base64URL: value.dropFirst(6).prefix { $0 != "=" }.utf8),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let id = FormFields(Array("v=".utf8) + bytes[..<colon])["v"] ?? ""
        return (id, FormFields(Array("v=".utf8) + bytes[(colon + 1)...])["v"] ?? "")
    }

    private func success(
        user: String, generation: Int?, _ form: FormFields, scope: String?, client: String,
        tenant: String, at now: Date
    ) -> JSONMembers {
        let asked = (scope ?? Self.standardScope).split(separator: " ").map(String.init)
        let granted = asked.filter { $0 != "offline_access" }.joined(separator: " ")
        let lifetime = Int.random(in: configuration.expiresIn)
        let tenantID = Identity.tenant(named: tenant)
        let access = AccessTokenForm(
            user: user, tenant: tenantID, scope: granted, clientID: client, issuedAt: now,
            expiresAt: now.addingTimeInterval(Double(lifetime)), generation: generation ?? 0)
        var members = JSONMembers()
        members.set("token_type", "Bearer")
        members.set("scope", granted)
        members.set("expires_in", lifetime)
        members.set("ext_expires_in", lifetime)
        members.set("access_token", access.text(length: configuration.accessTokenLength))
        // A sign-in is given a refresh token only if it asked; a redeemed one is always replaced.
        if let generation, form["refresh_token"] != nil || asked.contains("offline_access") {
            let token = RefreshTokenForm(user: user, generation: generation)
            members.set("refresh_token", token.text(length: configuration.refreshTokenLength))
        }
        if scope != nil, asked.contains("openid") {
            members.set(
                "id_token", Self.idToken(user: user, tenant: tenantID, client: client, access))
        }
        if form["client_info"] == "1" {
            let info = #"{"uid":"\#(Identity.objectID(of: user))","utid":"\#(tenantID)"}"#
            members.set("client_info", TokenText.base64URL(info.utf8))
        }
        return members
    }

    private static func idToken(
        user: String, tenant: String, client: String, _ access: AccessTokenForm
    ) -> String {
        let name = Identity.principalName(of: user)
        var claims = JSONMembers()
        claims.set("aud", client)
        claims.set("iss", "https://login.microsoftonline.com/\(tenant)/v2.0")
        claims.set("iat", Int(access.issuedAt.timeIntervalSince1970))
        claims.set("exp", Int(access.expiresAt.timeIntervalSince1970))
        claims.set("oid", Identity.objectID(of: user))
        claims.set("preferred_username", name)
        claims.set("sub", user)
        claims.set("tid", tenant)
        claims.set("ver", "2.0")
        let signed =
            TokenText.base64URL(#"{"typ":"JWT","alg":"RS256"}"#.utf8) + "."
            + TokenText.base64URL(claims.text.utf8)
        return signed + "." + TokenText.filler(for: signed.utf8, length: 342)
    }
}
