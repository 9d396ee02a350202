/// Who issues the tokens: the authority's base URL and the tenant. The only place that builds its
/// URLs (Microsoft identity platform, "OAuth 2.0 protocols").

public struct Authority: Hashable, Sendable {
    /// Scheme and host, without a slash at the end, for example `https://login.microsoftonline.com`.
    public let base: String
    /// A directory's GUID, one of its domains, or an alias.
    public let tenant: String

    public init(base: String, tenant: String) {
        var base = base[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        self.base = String(base)
        self.tenant = tenant
    }

    /// Where every grant is redeemed.
    public var tokenEndpoint: String { endpoint("token") }

    /// Where a device-code enrolment begins (RFC 8628 §3.1).
    public var deviceCodeEndpoint: String { endpoint("devicecode") }

    /// What the authority says of itself and of the tenant (OpenID Connect Discovery 1.0 §4).
    var metadataEndpoint: String { "\(base)/\(segment)/v2.0/.well-known/openid-configuration" }

    /// Whether the tenant stands for many: a refusal then may be about one directory only.
    public var isAlias: Bool { Self.aliases.contains(tenant.lowercased()) }

    private static let aliases: Set<String> = ["common", "organizations", "consumers"]

    private func endpoint(_ name: String) -> String { "\(base)/\(segment)/oauth2/v2.0/\(name)" }

    /// The tenant as a segment of a URL.
    private var segment: String {
        var segment: [UInt8] = []
        PercentEncoding.append(tenant, to: &segment)
        return String(decoding: segment, as: UTF8.self)
    }
}
