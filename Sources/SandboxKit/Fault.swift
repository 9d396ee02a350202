/// One thing that goes wrong for a user's requests, a limited number of times or always.
///
/// As JSON, in a script file or posted to `/sandbox/faults`, a fault is a flat object: `kind`, what
/// that kind needs, and optionally `count` (applies to the first so many requests; default: all) and
/// `endpoint` (`token`, the default, `device_code` or `graph`).
///
///     {"kind": "oauth_error", "error": "invalid_grant", "suberror": "bad_token", "codes": [50173],
///      "description": "…", "claims": "{…}", "status": 400}     all but "error" optional
///     {"kind": "status", "status": 429, "retry_after": 7}       or "retry_after_date": 7, the same as
///                                                               HTTP date; "code": Graph's error code;
///                                                               "text": the whole body instead
///     {"kind": "html", "status": 502}
///     {"kind": "slow", "milliseconds": 1500}
///     {"kind": "cut", "point": "before_headers"}                or "mid_body"
///     {"kind": "truncated"}                                     half the JSON, with its right length
///     {"kind": "wrong_length", "by": 10}                        Content-Length this much too big
///     {"kind": "huge", "bytes": 2000000}                        padding before the real fields
///     {"kind": "field", "name": "expires_in", "json": "0"}      replaced verbatim; no "json": left out
///     {"kind": "date_offset", "seconds": -7200}
///     {"kind": "claims_challenge", "claims": "{…}"}             401 with CAE challenge, for graph
///
/// All live faults of a user, then those of everybody, apply to a request: delays add up, changes to
/// the answer accumulate, and of those that replace the answer (`oauth_error`, `status`, `html`,
/// `claims_challenge`) or break its delivery (`cut`, `truncated`, `wrong_length`) the first one does;
/// a fault's count goes down only when it applied. A replaced answer leaves the server's state
/// alone; a broken delivery does not: the refresh token has been redeemed, and the client never learns.
public struct Fault: Sendable, Equatable {
    /// The requests that a fault applies to.
    public enum Endpoint: String, Codable, Sendable, CaseIterable {
        case token, graph
        case deviceCode = "device_code"
    }

    /// What happens.
    public var effect: Effect
    /// Where it happens.
    public var endpoint: Endpoint
    /// How many requests it happens to; `nil` is all of them.
    public var count: Int?

    public init(_ effect: Effect, endpoint: Endpoint = .token, count: Int? = nil) {
        self.effect = effect
        self.endpoint = endpoint
        self.count = count
    }

    /// When the client is told to come back.
    public enum RetryAfter: Sendable, Equatable {
        /// `Retry-After: 7`.
        case seconds(Int)
        /// `Retry-After: Sun, 03 Feb 2030 04:05:06 GMT`, so many seconds from the server's now.
        case date(secondsFromNow: Int)
    }

    /// Where a connection is cut.
    public enum CutPoint: String, Codable, Sendable {
        case beforeHeaders = "before_headers"
        case midBody = "mid_body"
    }

    /// The kinds of faults; ``Fault`` shows each one's JSON.
    public enum Effect: Sendable, Equatable {
        /// An error body of the token endpoint (RFC 6749 §5.2 with Microsoft's additions).
        case oauthError(OAuthFailure)
        /// A bare status. `code` goes into Graph's error envelope; `text` replaces the body.
        case status(Int, retryAfter: RetryAfter? = nil, code: String? = nil, text: String? = nil)
        /// A gateway's HTML page.
        case html(status: Int)
        /// The request is processed at once and answered late.
        case slow(milliseconds: Int)
        /// The request is processed and the connection closed.
        case cut(CutPoint)
        /// Half of the body, under a `Content-Length` that agrees with it.
        case truncated
        /// The whole body under a `Content-Length` that is off by so much; then the connection closes.
        case wrongLength(by: Int)
        /// So many more bytes of white space in the body, at most 64 MiB.
        case huge(bytes: Int)
        /// One member of a successful JSON answer: `json` verbatim, or left out when `nil`.
        case field(String, json: String?)
        /// A `Date` header that is off by so many seconds.
        case dateOffset(seconds: Int)
        /// Graph's 401 with a continuous-access-evaluation challenge; `claims` is plain JSON.
        case claimsChallenge(claims: String)
    }
}

extension Fault.Effect {
    /// A success without a refresh token.
    public static var withoutRefreshToken: Self { .field("refresh_token", json: nil) }

    /// A success whose lifetime is this JSON text: `0`, `"3599"`, `null`; `nil` leaves it out.
    public static func expiresIn(_ json: String?) -> Self { .field("expires_in", json: json) }

    /// Shorthand for an ``oauthError(_:)`` with Microsoft's usual status.
    public static func refused(
        _ error: String, suberror: String? = nil, codes: [Int] = [], status: Int = 400
    ) -> Self {
        .oauthError(OAuthFailure(error, suberror: suberror, codes: codes, status: status))
    }
}

/// An error answer of the token endpoint, before it is given time, trace and correlation ID.
public struct OAuthFailure: Error, Sendable, Equatable {
    public var status: Int
    public var error: String
    public var suberror: String?
    /// AADSTS numbers; the first one starts the description.
    public var codes: [Int]
    /// Text after `AADSTSn: `; `nil` takes a made-up sentence.
    public var description: String?
    /// JSON of the claims that an interactive sign-in must satisfy.
    public var claims: String?

    public init(
        _ error: String, suberror: String? = nil, codes: [Int] = [], status: Int = 400,
        description: String? = nil, claims: String? = nil
    ) {
        self.status = status
        self.error = error
        self.suberror = suberror
        self.codes = codes
        self.description = description
        self.claims = claims
    }
}
