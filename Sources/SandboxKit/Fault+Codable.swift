/// The flat JSON form of a fault, so that a script file is easy to write by hand.
extension Fault: Codable {
    private enum Key: String, CodingKey {
        case kind, endpoint, count, error, suberror, codes, description, claims, status, code, text
        case milliseconds, point, by, bytes, name, json, seconds
        case retryAfter = "retry_after"
        case retryAfterDate = "retry_after_date"
    }

    private enum Kind: String, Codable {
        case status, html, slow, cut, truncated, huge, field
        case oauthError = "oauth_error"
        case wrongLength = "wrong_length"
        case dateOffset = "date_offset"
        case claimsChallenge = "claims_challenge"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        endpoint = try values.decodeIfPresent(Endpoint.self, forKey: .endpoint) ?? .token
        count = try values.decodeIfPresent(Int.self, forKey: .count)
        func text(_ key: Key) throws -> String? {
            try values.decodeIfPresent(String.self, forKey: key)
        }
        func number(_ key: Key) throws -> Int? { try values.decodeIfPresent(Int.self, forKey: key) }
        effect =
            switch try values.decode(Kind.self, forKey: .kind) {
            case .oauthError:
                .oauthError(
                    OAuthFailure(
                        try values.decode(String.self, forKey: .error),
                        suberror: try text(.suberror),
                        codes: try values.decodeIfPresent([Int].self, forKey: .codes) ?? [],
                        status: try number(.status) ?? 400, description: try text(.description),
                        claims: try text(.claims)))
            case .status:
                .status(
                    try values.decode(Int.self, forKey: .status),
                    retryAfter: try number(.retryAfter).map(RetryAfter.seconds)
                        ?? number(.retryAfterDate).map(RetryAfter.date(secondsFromNow:)),
                    code: try text(.code), text: try text(.text))
            case .html: .html(status: try values.decode(Int.self, forKey: .status))
            case .slow: .slow(milliseconds: try values.decode(Int.self, forKey: .milliseconds))
            case .cut: .cut(try values.decode(CutPoint.self, forKey: .point))
            case .truncated: .truncated
            case .wrongLength: .wrongLength(by: try values.decode(Int.self, forKey: .by))
            case .huge: .huge(bytes: try values.decode(Int.self, forKey: .bytes))
            case .field:
                .field(try values.decode(String.self, forKey: .name), json: try text(.json))
            case .dateOffset: .dateOffset(seconds: try values.decode(Int.self, forKey: .seconds))
            case .claimsChallenge:
                .claimsChallenge(claims: try values.decode(String.self, forKey: .claims))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        if endpoint != .token { try values.encode(endpoint, forKey: .endpoint) }
        try values.encodeIfPresent(count, forKey: .count)
        func kind(_ kind: Kind) throws { try values.encode(kind, forKey: .kind) }
        switch effect {
        case .oauthError(let failure):
            try kind(.oauthError)
            try values.encode(failure.error, forKey: .error)
            try values.encodeIfPresent(failure.suberror, forKey: .suberror)
            try values.encode(failure.codes, forKey: .codes)
            try values.encode(failure.status, forKey: .status)
            try values.encodeIfPresent(failure.description, forKey: .description)
            try values.encodeIfPresent(failure.claims, forKey: .claims)
        case .status(let status, let retryAfter, let code, let text):
            try kind(.status)
            try values.encode(status, forKey: .status)
            switch retryAfter {
            case .seconds(let seconds): try values.encode(seconds, forKey: .retryAfter)
            case .date(let seconds): try values.encode(seconds, forKey: .retryAfterDate)
            case nil: break
            }
            try values.encodeIfPresent(code, forKey: .code)
            try values.encodeIfPresent(text, forKey: .text)
        case .html(let status):
            try kind(.html)
            try values.encode(status, forKey: .status)
        case .slow(let milliseconds):
            try kind(.slow)
            try values.encode(milliseconds, forKey: .milliseconds)
        case .cut(let point):
            try kind(.cut)
            try values.encode(point, forKey: .point)
        case .truncated: try kind(.truncated)
        case .wrongLength(let by):
            try kind(.wrongLength)
            try values.encode(by, forKey: .by)
        case .huge(let bytes):
            try kind(.huge)
            try values.encode(bytes, forKey: .bytes)
        case .field(let name, let json):
            try kind(.field)
            try values.encode(name, forKey: .name)
            try values.encodeIfPresent(json, forKey: .json)
        case .dateOffset(let seconds):
            try kind(.dateOffset)
            try values.encode(seconds, forKey: .seconds)
        case .claimsChallenge(let claims):
            try kind(.claimsChallenge)
            try values.encode(claims, forKey: .claims)
        }
    }
}

/// What a script file or a `POST /sandbox/faults` holds: faults by user (`*` is everybody), and
/// optionally the device login. Users that it does not name keep what they have.
///
///     {"faults": {"7": [{"kind": "html", "status": 502, "count": 2}], "*": [{"kind": "slow", "milliseconds": 50}]},
///      "device_login": {"user": "7", "pending_polls": 1, "outcome": "declined"}}
public struct SandboxScript: Codable, Sendable, Equatable {
    public var faults: [String: [Fault]]
    public var deviceLogin: DeviceLogin?

    public init(faults: [String: [Fault]] = [:], deviceLogin: DeviceLogin? = nil) {
        self.faults = faults
        self.deviceLogin = deviceLogin
    }

    enum CodingKeys: String, CodingKey {
        case faults
        case deviceLogin = "device_login"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        faults = try values.decodeIfPresent([String: [Fault]].self, forKey: .faults) ?? [:]
        deviceLogin = try values.decodeIfPresent(DeviceLogin.self, forKey: .deviceLogin)
    }
}
