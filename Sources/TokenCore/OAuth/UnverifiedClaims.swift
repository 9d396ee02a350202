/// The claims of an access token that happens to be a JWT (RFC 7519): for inspection only. Nobody has
/// checked the signature, the token is meant for its audience and not for us, and Microsoft may change
/// its form at any time ("Access tokens in the Microsoft identity platform").

internal import FoundationEssentials

struct UnverifiedClaims: Equatable {
    /// By name, in alphabetical order.
    let claims: [(name: String, value: JSONValue)]

    /// - Returns: nil for an opaque token: not three parts, or no JSON objects in the first two.
    init?(_ token: Secret) {
        let parts = token.exposed.utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, Self.object(parts[0])?["alg"] != nil,
            let payload = Self.object(parts[1])
        else { return nil }
        claims = payload.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func == (left: UnverifiedClaims, right: UnverifiedClaims) -> Bool {
        left.claims.elementsEqual(right.claims) { $0.name == $1.name && $0.value == $1.value }
    }

    /// base64url without padding (RFC 7515 §2).
    private static func object(_ part: Substring.UTF8View) -> [String: JSONValue]? {
        var base64 = Data(
            part.map {
                $0 == UInt8(ascii: "-")
                    ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
            })
        base64.append(
            contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - base64.count % 4) % 4))
        guard let bytes = Data(base64Encoded: base64) else { return nil }
        return (try? JSONValue(parsing: Array(bytes)))?.object
    }
}
