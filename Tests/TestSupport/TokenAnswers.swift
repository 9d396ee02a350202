/// Answers of the token endpoint, for ``ScriptedHTTPClient``.

internal import TokenCore

extension ScriptedHTTPClient.Answer {
    /// The next pair for a refresh token such as `7.0`: `7.1`, with the access token `access-7.1`.
    public static func refreshed(_ request: RecordedRequest, expiresIn: Int = 3600) -> Self {
        let sent = (request.form["refresh_token"] ?? "").split(separator: ".")
        let next = "\(sent.first ?? "").\((sent.last.flatMap { Int($0) } ?? 0) + 1)"
        return .text(
            200,
            """
            {"token_type":"Bearer","access_token":"access-\(next)","refresh_token":"\(next)",\
            "expires_in":\(expiresIn),"scope":"User.Read"}
            """)
    }

    /// A refusal as Microsoft words it.
    public static func refused(
        _ error: String, suberror: String? = nil, _ codes: Int..., status: Int = 400
    ) -> Self {
        let finer = suberror.map { #","suberror":"\#($0)""# } ?? ""
        let numbers = codes.map(String.init).joined(separator: ",")
        return .text(
            status, #"{"error":"\#(error)"\#(finer),"error_codes":[\#(numbers)]}"#)
    }

    public static let signInAgain = refused("invalid_grant", 50173)
    public static let badToken = refused("invalid_grant", suberror: "bad_token", 70008)
    public static let wrongSecret = refused("invalid_client", 7_000_215, status: 401)
    public static let consentMissing = refused("invalid_grant", suberror: "consent_required", 65001)
    public static let noAnswer = Self.failure(
        TransportError(kind: .unreachable, message: "connection refused"))

    public static func throttled(_ retryAfter: Int?) -> Self {
        .text(429, "", headers: retryAfter.map { ["retry-after": String($0)] } ?? [:])
    }
}

extension RecordedRequest {
    /// The user that the tests' refresh token names, `7` of `7.0`; nil for a request without one.
    public var user: Int? {
        form["refresh_token"]?.split(separator: ".").first.flatMap { Int($0) }
    }

    public var isProbe: Bool { method == "GET" }
}
