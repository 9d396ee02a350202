/// `GET /{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4).
enum MetadataEndpoint {
    static func answer(tenant: String, baseURL: String) -> Answer {
        let root = "\(baseURL)/\(tenant)"
        var members = JSONMembers()
        members.set("token_endpoint", "\(root)/oauth2/v2.0/token")
        members.set(
            "token_endpoint_auth_methods_supported",
            json: JSONText.array(["client_secret_post", "private_key_jwt", "client_secret_basic"]))
        members.set("jwks_uri", "\(root)/discovery/v2.0/keys")
        members.set(
            "response_modes_supported", json: JSONText.array(["query", "fragment", "form_post"]))
        members.set("subject_types_supported", json: JSONText.array(["pairwise"]))
        members.set("id_token_signing_alg_values_supported", json: JSONText.array(["RS256"]))
        members.set(
            "response_types_supported",
            json: JSONText.array(["code", "id_token", "code id_token", "id_token token"]))
        members.set(
            "scopes_supported",
            json: JSONText.array(["openid", "profile", "email", "offline_access"]))
        members.set(
            "issuer", "https://login.microsoftonline.com/\(Identity.tenant(named: tenant))/v2.0")
        members.set("request_uri_parameter_supported", json: "false")
        members.set("userinfo_endpoint", "https://graph.microsoft.com/oidc/userinfo")
        members.set("authorization_endpoint", "\(root)/oauth2/v2.0/authorize")
        members.set("device_authorization_endpoint", "\(root)/oauth2/v2.0/devicecode")
        members.set("http_logout_supported", json: "true")
        members.set("tenant_region_scope", json: "null")
        members.set("cloud_instance_name", "microsoftonline.com")
        members.set("cloud_graph_host_name", "graph.windows.net")
        members.set("msgraph_host", "graph.microsoft.com")
        return .json(members)
    }
}
