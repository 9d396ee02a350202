/// Where a request goes: Microsoft's paths, and `/sandbox/…` for whoever drives the sandbox.
enum Route: Equatable {
    case token(tenant: String)
    case deviceCode(tenant: String)
    case metadata(tenant: String)
    case me
    case control(String)
    case unknown

    init(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        self =
            switch parts {
            case ["v1.0", "me"]: .me
            case _ where parts.count == 2 && parts[0] == "sandbox": .control(parts[1])
            case _ where parts.dropFirst() == ["oauth2", "v2.0", "token"]: .token(tenant: parts[0])
            case _ where parts.dropFirst() == ["oauth2", "v2.0", "devicecode"]:
                .deviceCode(tenant: parts[0])
            case _ where parts.dropFirst() == ["v2.0", ".well-known", "openid-configuration"]:
                .metadata(tenant: parts[0])
            default: .unknown
            }
    }

    /// The endpoint that scripted faults name.
    var endpoint: Fault.Endpoint? {
        switch self {
        case .token: .token
        case .deviceCode: .deviceCode
        case .me: .graph
        case .metadata, .control, .unknown: nil
        }
    }
}
