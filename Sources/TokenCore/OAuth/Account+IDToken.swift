/// The account of a sign-in, out of the `id_token` that came with its tokens. Nobody has checked the
/// signature, and nobody needs to: the token came straight from the token endpoint over TLS (OpenID
/// Connect Core §3.1.3.7).

extension Account {
    /// - Returns: nil unless the token names an object and its directory.
    init?(idToken: Secret) {
        guard let claims = UnverifiedClaims(idToken) else { return nil }
        func text(_ name: String) -> String? {
            guard let text = claims.claims.first(where: { $0.name == name })?.value.string,
                !text.isEmpty
            else { return nil }
            return text
        }
        guard let tenantID = text("tid"), let objectID = text("oid") else { return nil }
        self.init(
            tenantID: tenantID, objectID: objectID,
            name: text("preferred_username") ?? text("upn") ?? text("email"))
    }
}
