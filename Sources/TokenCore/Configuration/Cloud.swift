/// Microsoft's clouds. Tokens, registrations and users do not cross from one to another, so authority
/// and Graph are chosen together.
///
/// - SeeAlso: <https://learn.microsoft.com/graph/deployments>

public enum Cloud: String, CaseIterable, Sendable {
    case global
    /// US Government L4 (GCC High).
    case usgov
    /// US Government L5 (DoD): the authority of L4, a Graph of its own.
    case usgovDoD = "usgov-dod"
    /// Operated by 21Vianet.
    case china

    /// Base URL of the authority, without a trailing slash.
    public var authorityHost: String {
        switch self {
        case .global: "https://login.microsoftonline.com"
        case .usgov, .usgovDoD: "https://login.microsoftonline.us"
        case .china: "https://login.partner.microsoftonline.cn"
        }
    }

    /// Root of Microsoft Graph, version included.
    public var graphURL: String {
        switch self {
        case .global: "https://graph.microsoft.com/v1.0"
        case .usgov: "https://graph.microsoft.us/v1.0"
        case .usgovDoD: "https://dod-graph.microsoft.us/v1.0"
        case .china: "https://microsoftgraph.chinacloudapi.cn/v1.0"
        }
    }
}
