/// The application as Microsoft knows it, and how it proves who it is.

public struct ClientRegistration: Hashable, Sendable {
    public enum Credential: Hashable, Sendable {
        /// A public client: sending a credential would be refused (AADSTS700025).
        case none
        /// Sent as `client_secret` in the form body (RFC 6749 §2.3.1).
        case secret(Secret)
    }

    /// The application (client) ID.
    public let clientID: String
    public let credential: Credential
    /// The scopes of the enrolment, sent unchanged with each refresh; nil sends none, which RFC 6749
    /// §6 takes as "the same as before".
    public let scopes: String?
    public let authority: Authority

    public init(
        clientID: String, credential: Credential, scopes: String? = nil, authority: Authority
    ) {
        self.clientID = clientID
        self.credential = credential
        self.scopes = scopes
        self.authority = authority
    }
}
