import Testing

@testable import TokenCore

struct ClientCredentialTests {
    let fixture: ConfigurationFixture
    let client = ["TEAMS_CLIENT_ID": "sandbox"]

    init() throws { fixture = try ConfigurationFixture() }

    private func failure(_ environment: [String: String]) -> ConfigurationFailure? {
        #expect(throws: ConfigurationFailure.self) {
            try fixture.load(environment: client.merging(environment) { $1 })
        }
    }

    @Test func `no credential makes a public client`() throws {
        #expect(try fixture.load(environment: client).clientSecret == nil)
    }

    @Test func `a secret by value is taken as it is`() throws {
        let configuration = try fixture.load(
            lines: "TEAMS_CLIENT_ID=a\nTEAMS_CLIENT_SECRET='ab8Q~ $x#'")
        #expect(configuration.clientSecret?.exposed == "ab8Q~ $x#")
    }

    @Test(arguments: [("s3", "s3"), ("s3\n", "s3"), ("s3\r\n", "s3"), (" s3 \n", " s3 ")])
    func `a final newline is not part of the secret`(text: String, secret: String) throws {
        let path = try fixture.write(text, to: "secret")
        let configuration = try fixture.load(
            environment: client.merging(["TEAMS_CLIENT_SECRET_FILE": path]) { $1 })
        #expect(configuration.clientSecret?.exposed == secret)
    }

    @Test(arguments: [
        "", "\n", "  \n", "canary\n\n", "canary\nmore", "can\0ary", "your-client-secret",
        "canary\u{1B}",
    ])
    func `a secret file that holds anything but one line is a problem`(text: String) throws {
        let path = try fixture.write(text, to: "secret")
        let failure = failure(["TEAMS_CLIENT_SECRET_FILE": path])
        #expect(failure?.kind == .configuration)
        #expect(failure?.problems.map(\.key) == ["TEAMS_CLIENT_SECRET_FILE"])
        #expect(failure?.description.contains("canary") == false)
        #expect(failure?.description.contains(path) == true)
    }

    @Test func `a secret file is missing with 78, closed with 77, and not opened without need`()
        throws
    {
        #expect(failure(["TEAMS_CLIENT_SECRET_FILE": "/nonexistent"])?.kind == .configuration)
        let path = try fixture.write("s3", to: "secret")
        let environment = client.merging(["TEAMS_CLIENT_SECRET_FILE": path]) { $1 }
        let closed = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(environment: environment, refusing: [path])
        }
        #expect(closed?.kind == .permission)
        #expect(closed?.problems.count == 1)
        let configuration = try fixture.load(
            environment: environment, needsClient: false, refusing: [path])
        #expect(configuration.clientSecret == nil)
    }

    @Test func `the credentials directory is used when it holds a client secret`() throws {
        let directory = fixture.directory + "/credentials"
        #expect(
            try fixture.load(
                environment: client.merging(["CREDENTIALS_DIRECTORY": directory]) { $1 }
            )
            .clientSecret == nil)
        try fixture.write("from-systemd\n", to: "credentials/client-secret", mode: 0o400)
        var environment = client.merging(["CREDENTIALS_DIRECTORY": directory]) { $1 }
        #expect(try fixture.load(environment: environment).clientSecret?.exposed == "from-systemd")
        environment["TEAMS_CLIENT_SECRET_FILE"] = try fixture.write("from-file\n", to: "secret")
        #expect(try fixture.load(environment: environment).clientSecret?.exposed == "from-file")
    }

    @Test func `two credentials at once are a problem`() throws {
        let path = try fixture.write("canary", to: "credentials/client-secret")
        for other in [
            ["TEAMS_CLIENT_SECRET_FILE": path],
            ["CREDENTIALS_DIRECTORY": "\(fixture.directory)/credentials"],
        ] {
            let failure = failure(other.merging(["TEAMS_CLIENT_SECRET": "canary"]) { $1 })
            #expect(failure?.kind == .configuration)
            #expect(failure?.summary.contains("a second client secret") == true)
            #expect(failure?.description.contains("canary") == false)
        }
    }

    @Test(arguments: ["your-client-secret", "canary\u{7}", "<canary>", "${canary}"])
    func `a bad secret is never echoed`(secret: String) throws {
        let failure = failure(["TEAMS_CLIENT_SECRET": secret])
        #expect(failure?.problems.map(\.key) == ["TEAMS_CLIENT_SECRET"])
        #expect(failure?.description.contains(secret) == false)
    }

    @Test func `a configuration printed in any way does not show the secret`() throws {
        let configuration = try fixture.load(
            environment: client.merging(["TEAMS_CLIENT_SECRET": "canary"]) { $1 })
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, "\(configuration)", String(reflecting: configuration)] {
            #expect(!text.contains("canary"))
            #expect(text.contains("<redacted>") || text == dumped)
        }
    }
}
