import FoundationEssentials

/// An access token in the shape of a JWT (RFC 7519): three base64url parts, the last one filler
/// derived from the other two, so that the server knows its own tokens without remembering them.
struct AccessTokenForm {
    var user: String
    var tenant: String
    var scope: String
    var clientID: String
    var issuedAt: Date
    var expiresAt: Date
    /// Of the refresh token that was handed out with it.
    var generation = 0

    /// As long as an RS256 signature: 256 bytes in base64url.
    private static let signatureLength = 342
    private static let header = TokenText.base64URL(
        #"{"typ":"JWT","alg":"RS256","kid":"sandbox"}"#.utf8)

    func text(length: Int) -> String {
        let issued = Int(issuedAt.timeIntervalSince1970.rounded(.down))
        let expires = Int(expiresAt.timeIntervalSince1970.rounded(.down))
        let claims = """
            {"aud":"https://graph.microsoft.com",\
            "iss":"https://sts.windows.net/\(tenant)/",\
            "iat":\(issued),"nbf":\(issued),"exp":\(expires),\
            "appid":\(JSONText.quoted(clientID)),\
            "oid":"\(Identity.objectID(of: user))",\
            "upn":\(JSONText.quoted(Identity.principalName(of: user))),\
            "sub":\(JSONText.quoted(user)),\
            "scp":\(JSONText.quoted(scope)),\
            "tid":"\(tenant)","uti":"\(generation)","ver":"1.0"
            """
        let wanted = (length - Self.header.utf8.count - Self.signatureLength - 2) * 3 / 4
        let padding = max(0, wanted - claims.utf8.count - #","padding":""}"#.utf8.count)
        let payload =
            claims + #","padding":""# + TokenText.filler(for: user.utf8, length: padding) + #""}"#
        let signed = Self.header + "." + TokenText.base64URL(payload.utf8)
        return signed + "." + TokenText.filler(for: signed.utf8, length: Self.signatureLength)
    }

    /// What the server reads back from one of its tokens.
    struct Claims: Decodable, Equatable {
        var sub: String
        var exp: Int
        var uti: String
    }

    /// The claims of a token that ``text(length:)`` made; `nil` for any other.
    static func claims(in token: String) -> Claims? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].count == signatureLength,
            let payload = TokenText.bytes(base64URL: parts[1])
        else { return nil }
        let signed = token.utf8.dropLast(signatureLength + 1)
        let signature = TokenText.filler(for: signed, length: signatureLength)
        guard signature.utf8.elementsEqual(parts[2]) else { return nil }
        return try? JSONDecoder().decode(Claims.self, from: Data(payload))
    }
}

/// Who a sandbox user is in the made-up directory.
enum Identity {
    /// The tenant behind the aliases `common`, `organizations` and `consumers`.
    static let tenant = "7e4a47de-0000-4000-8000-5a4db0c50001"

    /// The tenant that issues tokens for a `{tenant}` in a URL: itself when it is a GUID.
    static func tenant(named name: String) -> String {
        let shape = name.split(separator: "-").map(\.utf8.count)
        return shape == [8, 4, 4, 4, 12] ? name : tenant
    }

    static func objectID(of user: String) -> String { TokenText.guid(for: user) }

    static func principalName(of user: String) -> String { "user-\(user)@sandbox.example" }
}
