import Testing

@testable import TokenCore

struct CloudTests {
    @Test(arguments: [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usgov-dod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ])
    func `a cloud sets authority and Graph together`(
        name: String, authority: String, graph: String
    ) throws {
        let configuration = try ConfigurationFixture().load(
            environment: ["TEAMS_CLIENT_ID": "a", "TEAMS_CLOUD": name])
        #expect(configuration.authorityHost == "https://\(authority)")
        #expect(configuration.graphURL == "https://\(graph)/v1.0")
        #expect(!configuration.allowsPlainHTTP)
    }

    @Test func `a URL of its own is stronger than the cloud's`() throws {
        let configuration = try ConfigurationFixture().load(environment: [
            "TEAMS_CLIENT_ID": "a", "TEAMS_CLOUD": "china",
            "TEAMS_GRAPH_URL": "http://127.0.0.1:8080/v1.0/",
        ])
        #expect(configuration.authorityHost == Cloud.china.authorityHost)
        #expect(configuration.graphURL == "http://127.0.0.1:8080/v1.0")
        #expect(configuration.allowsPlainHTTP)
    }
}
