import FoundationEssentials

/// The refusals that the token endpoint decides by itself, with Microsoft's numbers and statuses.
extension OAuthFailure {
    static func missingField(_ name: String) -> Self {
        Self(
            "invalid_request", codes: [900_144],
            description: "The request body must contain the following parameter: '\(name)'.")
    }

    static func duplicateField(_ name: String) -> Self {
        Self(
            "invalid_request", codes: [9_000_411],
            description:
                "The request is not properly formatted. The parameter '\(name)' is duplicated.")
    }

    static func wrongMethod(_ method: String) -> Self {
        Self(
            "invalid_request", codes: [900_561],
            description:
                "The endpoint only accepts POST requests. Received a \(method) request.")
    }

    static func unsupportedGrant(_ name: String) -> Self {
        Self(
            "unsupported_grant_type", codes: [70_003],
            description: "The app requested an unsupported grant type '\(name)'.")
    }

    static let unknownApplication = Self(
        "unauthorized_client", codes: [700_016],
        description: "The application was not found in the directory.")

    static let wrongSecret = Self(
        "invalid_client", codes: [7_000_215], status: 401,
        description:
            "Invalid client secret provided. Ensure the secret being sent in the request is the"
            + " client secret value, not the client secret ID.")

    static let missingCredential = Self(
        "invalid_client", codes: [7_000_218], status: 401,
        description:
            "The request body must contain the following parameter: 'client_assertion' or"
            + " 'client_secret'.")

    static let unexpectedCredential = Self(
        "invalid_client", codes: [700_025], status: 401,
        description:
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
    )

    static let malformedGrant = Self(
        "invalid_grant", codes: [9_002_313],
        description: "Invalid request. Request is malformed or invalid.")

    static let unknownGrant = Self(
        "invalid_grant", codes: [70_000], description: "Provided grant is invalid or malformed.")

    static let revoked = Self(
        "invalid_grant", suberror: "bad_token", codes: [50_173],
        description:
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.")

    static let authorizationPending = Self(
        "authorization_pending", codes: [70_016],
        description:
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")

    static let authorizationDeclined = Self(
        "authorization_declined", codes: [70_017],
        description: "The end user denied the authorization request.")

    static let expiredDeviceCode = Self(
        "expired_token", codes: [70_019],
        description: "The device code has expired. Start a new authorization.")

    static let badDeviceCode = Self(
        "bad_verification_code", codes: [70_018],
        description: "The device code is not known, or has been redeemed.")

    /// The body, in Microsoft's order of members.
    func members(at now: Date, traceID: String, correlationID: String) -> JSONMembers {
        let timestamp = Timestamp(now).entraText
        let prefix = codes.first.map { "AADSTS\($0): " } ?? ""
        let sentence = description ?? "The sandbox was told to refuse this request."
        var members = JSONMembers()
        members.set("error", error)
        members.set(
            "error_description",
            "\(prefix)\(sentence) Trace ID: \(traceID) Correlation ID: \(correlationID)"
                + " Timestamp: \(timestamp)")
        if !codes.isEmpty { members.set("error_codes", json: "\(codes)") }
        members.set("timestamp", timestamp)
        members.set("trace_id", traceID)
        members.set("correlation_id", correlationID)
        if let code = codes.first {
            members.set("error_uri", "https://login.microsoftonline.com/error?code=\(code)")
        }
        members.set("suberror", suberror)
        members.set("claims", claims)
        return members
    }
}
