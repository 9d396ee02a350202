public import FoundationEssentials

/// Tokens for seeding a database: any sandbox takes them, whichever process made them.
extension Sandbox {
    /// A refresh token, always the same for the same arguments; generation 0 is the enrolment's.
    ///
    /// The sandbox hands out generation 1 for it, then 2, …: so a test can say which token a row
    /// must hold. A length that is too short is exceeded.
    public static func refreshToken(
        user: String, generation: Int = 0, length: Int = SandboxConfiguration().refreshTokenLength
    ) -> String {
        RefreshTokenForm(user: user, generation: generation).text(length: length)
    }

    /// An access token that the sandbox's Graph accepts until `expiresAt`, to the second.
    public static func accessToken(
        user: String, generation: Int = 0, expiresAt: Date,
        length: Int = SandboxConfiguration().accessTokenLength
    ) -> String {
        AccessTokenForm(
            user: user, tenant: Identity.tenant, scope: TokenEndpoint.standardScope,
            clientID: SandboxConfiguration().clientID ?? "",
            issuedAt: expiresAt.addingTimeInterval(-3600), expiresAt: expiresAt,
            generation: generation
        ).text(length: length)
    }

    /// Whose refresh token this is, and which; `nil` when no sandbox made it.
    public static func readRefreshToken(_ token: String) -> (user: String, generation: Int)? {
        RefreshTokenForm(token).map { ($0.user, $0.generation) }
    }

    /// Whose access token this is; `nil` when no sandbox made it.
    public static func userOfAccessToken(_ token: String) -> String? {
        AccessTokenForm.claims(in: token)?.sub
    }

    /// Which refresh token was handed out with this access token: the generation that
    /// ``readRefreshToken(_:)`` tells; `nil` when no sandbox made it.
    public static func generationOfAccessToken(_ token: String) -> Int? {
        AccessTokenForm.claims(in: token).flatMap { Int($0.uti) }
    }

    /// The object ID (`oid`) of a user in the sandbox's directory.
    public static func objectID(of user: String) -> String { Identity.objectID(of: user) }
}
