import Testing

@testable import TokenCore

struct SettingTests {
    @Test func `the table has one row for every key, in the same order`() {
        #expect(Setting.table.map(\.key) == SettingKey.allCases)
    }

    @Test func `the secrets are the client secret and the key of the HTTP interface`() {
        #expect(Setting.table.filter(\.isSecret).map(\.key) == [.clientSecret, .apiKey])
    }

    @Test func `every default that is a text passes its own check`() throws {
        let configuration = try ConfigurationFixture().load(
            environment: ["TEAMS_DATABASE": "/d"], needsClient: false)
        #expect(configuration.tenantID == "common")
        #expect(configuration.provider == "microsoft")
        #expect(configuration.databaseTimeZone == "UTC")
        #expect(configuration.refreshBefore == .seconds(1_800))
        #expect(configuration.passInterval == .seconds(900))
        #expect(configuration.maxDuration == .seconds(720))
        #expect(configuration.concurrency == 16)
        #expect(configuration.connectTimeout == .seconds(10))
        #expect(configuration.requestTimeout == .seconds(30))
        #expect(configuration.lockWait == .zero)
        #expect(configuration.reportPolicy == .always)
        #expect(configuration.logFormat == .text)
        #expect(configuration.logLevel == .info)
        #expect(configuration.warnings.isEmpty)
    }
}

struct ConfigurationManualTests {
    /// The manual, found from here so that the working directory does not matter.
    private func manual() throws -> String {
        let parts = #filePath.split(separator: "/").dropLast(4)
        let path = "/" + parts.joined(separator: "/") + "/docs/configuration.md"
        return String(decoding: try FilePaths.contents(of: path), as: UTF8.self)
    }

    private func example() throws -> String {
        let text = try manual()
        let block = try #require(text.split(separator: "```sh\n").dropFirst().first)
        return String(try #require(block.split(separator: "```").first))
    }

    @Test func `its table is the table in the code`() throws {
        let rows = try manual().split(separator: "\n").filter { $0.hasPrefix("| `TEAMS_") }
        #expect(rows.map(String.init) == Setting.table.map(\.manualRow))
    }

    @Test func `its example names every setting but the secrets by value`() throws {
        let keys = try example().split(separator: "\n").compactMap { line -> SettingKey? in
            let text = line.hasPrefix("#TEAMS_") ? line.dropFirst() : line
            return text.split(separator: "=").first.flatMap { SettingKey(rawValue: String($0)) }
        }
        #expect(keys.count == Set(keys).count)
        let missing = Set(SettingKey.allCases).subtracting(keys)
        #expect(missing == [.clientSecret, .apiKey])
    }

    @Test func `the commented lines of its example show the defaults`() throws {
        for line in try example().split(separator: "\n") where line.hasPrefix("#TEAMS_") {
            let parts = line.dropFirst().split(separator: "=", maxSplits: 1).map(String.init)
            let key = try #require(SettingKey(rawValue: parts[0]))
            guard case .value(let text) = Setting[key].fallback else { continue }
            #expect(parts[1] == text, "\(key)")
        }
    }

    @Test func `its example is refused for its placeholders, and for nothing else`() throws {
        let fixture = try ConfigurationFixture()
        let secret = try fixture.write("s3cret\n", to: "client-secret")
        let lines = try example().split(separator: "\n").map { line in
            let text = line.hasPrefix("#TEAMS_") ? String(line.dropFirst()) : String(line)
            return text.hasPrefix("TEAMS_CLIENT_SECRET_FILE")
                ? "TEAMS_CLIENT_SECRET_FILE=\(secret)" : text
        }.filter { !$0.hasPrefix("TEAMS_CA_FILE") }
        let problems = try fixture.problems(lines: lines.joined(separator: "\n"))
        #expect(problems.map(\.key) == ["TEAMS_CLIENT_ID", "TEAMS_TENANT_ID"])
        #expect(problems.allSatisfy { $0.message.contains("placeholder") })
    }
}
