import Testing

@testable import TokenCore

@Suite struct AuthorityTests {
    @Test(arguments: ["https://login.example", "https://login.example/", "https://login.example//"])
    func `URLs are base, tenant and name`(_ base: String) {
        let authority = Authority(base: base, tenant: "contoso.example")
        #expect(
            authority.tokenEndpoint == "https://login.example/contoso.example/oauth2/v2.0/token")
        #expect(
            authority.deviceCodeEndpoint
                == "https://login.example/contoso.example/oauth2/v2.0/devicecode")
    }

    @Test func `a tenant can't leave its place in the path`() {
        #expect(
            Authority(base: "https://login.example", tenant: "a/../b?c#d").tokenEndpoint
                == "https://login.example/a%2F..%2Fb%3Fc%23d/oauth2/v2.0/token")
    }

    @Test(arguments: [
        ("common", true), ("organizations", true), ("consumers", true), ("Common", true),
        ("contoso.example", false), ("9188040d-6c67-4c5b-b112-36a304b66dad", false), ("", false),
    ])
    func `three names stand for many directories`(tenant: String, isAlias: Bool) {
        #expect(Authority(base: "https://login.example", tenant: tenant).isAlias == isAlias)
    }
}
