public import FoundationEssentials

/// How a sandbox answers before any fault is scripted; the defaults imitate Microsoft's.
public struct SandboxConfiguration: Sendable {
    /// What becomes of a refresh token when it is redeemed.
    public enum Rotation: String, Sendable, CaseIterable {
        /// A new one is returned and the old one stays valid, as at Microsoft.
        case lenient
        /// A new one is returned and the old one is dead: a second use is `invalid_grant`, 50173.
        case strict
        /// None is returned; the old one stays valid.
        case none
    }

    /// TCP port on 127.0.0.1; 0 takes any free one.
    public var port = 0
    /// TLS with a certificate made at start; plain HTTP otherwise.
    public var usesTLS = true
    /// The only application (client) ID accepted; `nil` accepts any.
    public var clientID: String? = "5a4db0c5-0000-4000-8000-000000000001"
    /// The secret that clients must send; `nil` makes this a public client, which may send none.
    public var clientSecret: String? = "sandbox-secret"
    /// See ``Rotation``.
    public var rotation = Rotation.lenient
    /// Lifetimes of access tokens in seconds, drawn at random; a range of one value fixes it.
    public var expiresIn: ClosedRange<Int> = 3600...5400
    /// Delay of every answer but those of the `/sandbox` routes, on top of scripted delays.
    public var latency = Duration.zero
    /// Length in bytes of the access tokens handed out (at least what their claims need).
    public var accessTokenLength = 1500
    /// Length in bytes of the refresh tokens handed out (at least what their content needs).
    public var refreshTokenLength = 1200
    /// Who answers a device code, and how.
    public var deviceLogin = DeviceLogin()
    /// Requests kept for ``Sandbox/requests``; later ones are counted but not described.
    public var recordedRequestLimit = 100_000
    /// The server's clock: `Date` headers, token lifetimes, expiry of device codes.
    public var now: @Sendable () -> Date = { Date() }

    public init() {}
}

/// How the person at the other end of a device code behaves (RFC 8628).
public struct DeviceLogin: Codable, Sendable, Equatable {
    /// What the person decides.
    public enum Outcome: String, Codable, Sendable, CaseIterable {
        case approved, declined, expired
    }

    /// The user who signs in; the tokens name this one.
    public var user: String
    /// Polls answered with `authorization_pending` before the outcome shows.
    public var pendingPolls: Int
    /// What the polls after that are told.
    public var outcome: Outcome
    /// Seconds between polls, as announced to the client; not enforced.
    public var interval: Int
    /// Seconds until the device code expires.
    public var expiresIn: Int

    public init(
        user: String = "device-user", pendingPolls: Int = 2, outcome: Outcome = .approved,
        interval: Int = 5, expiresIn: Int = 900
    ) {
        self.user = user
        self.pendingPolls = pendingPolls
        self.outcome = outcome
        self.interval = interval
        self.expiresIn = expiresIn
    }

    enum CodingKeys: String, CodingKey {
        case user, outcome, interval
        case pendingPolls = "pending_polls"
        case expiresIn = "expires_in"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let standard = DeviceLogin()
        user = try values.decodeIfPresent(String.self, forKey: .user) ?? standard.user
        pendingPolls =
            try values.decodeIfPresent(Int.self, forKey: .pendingPolls) ?? standard.pendingPolls
        outcome = try values.decodeIfPresent(Outcome.self, forKey: .outcome) ?? standard.outcome
        interval = try values.decodeIfPresent(Int.self, forKey: .interval) ?? standard.interval
        expiresIn = try values.decodeIfPresent(Int.self, forKey: .expiresIn) ?? standard.expiresIn
    }
}
