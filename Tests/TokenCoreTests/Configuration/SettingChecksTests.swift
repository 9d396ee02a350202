import Testing

@testable import TokenCore

struct SettingChecksTests {
    @Test(arguments: [
        (SettingKey.clientID, "11111111-2222-3333-4444-555555555555"), (.clientID, "sandbox"),
        (.tenantID, "common"), (.tenantID, "contoso.onmicrosoft.com"),
        (.tenantID, "11111111-2222-3333-4444-555555555555"),
        (.scopes, "offline_access https://graph.microsoft.com/User.Read"),
        (.cloud, "usgov-dod"), (.provider, "microsoft-teams"), (.concurrency, "1"),
        (.concurrency, "1024"), (.refreshBefore, "0"), (.lockWait, "0s"), (.requestTimeout, "1s"),
        (.report, "change"), (.logFormat, "json"), (.logLevel, "trace"), (.hook, "/bin/true"),
        (.database, "/srv/app's data/teams.sqlite3"), (.databaseTimeZone, "UTC"),
    ])
    func `a good value passes`(key: SettingKey, value: String) throws {
        let problem = try ConfigurationFixture().problem(key, value)
        #expect(problem == nil)
    }

    @Test(arguments: [
        (SettingKey.clientID, "a b"), (.clientID, "a\u{7}"), (.tenantID, "a/b"), (.tenantID, ".."),
        (.tenantID, "a?b"), (.tenantID, "a%2fb"), (.tenantID, "ä"), (.scopes, "a\tb"),
        (.scopes, "\"a\""), (.cloud, "mars"), (.cloud, "Global"), (.provider, "a\nb"),
        (.concurrency, "0"), (.concurrency, "1025"), (.concurrency, "-1"), (.concurrency, "+1"),
        (.concurrency, "many"), (.concurrency, "99999999999999999999"), (.passInterval, "0"),
        (.maxDuration, "0s"), (.connectTimeout, "0"), (.requestTimeout, "0"),
        (.requestTimeout, "30 s"), (.report, "never"), (.logFormat, "xml"), (.logLevel, "loud"),
        (.hook, "bin/true"), (.database, "~/teams.sqlite3"), (.database, "$HOME/t.sqlite3"),
        (.database, ":memory:"), (.database, "file:t.sqlite3"), (.databaseTimeZone, "Mars/Phobos"),
        (.databaseTimeZone, "../../etc/passwd"), (.databaseTimeZone, "/etc/localtime"),
        (.databaseTimeZone, "Europe"), (.databaseTimeZone, "leapseconds"),
    ])
    func `a bad value is a problem that names it, its key and a way out`(
        key: SettingKey, value: String
    ) throws {
        let problem = try #require(try ConfigurationFixture().problem(key, value))
        #expect(problem.kind == .configuration)
        #expect(problem.key == key.rawValue)
        #expect(problem.source == .environment)
        #expect(
            problem.description.hasPrefix("environment: \(key.rawValue): \"\(value.sanitized())\""))
        #expect(problem.message.contains("; "))
        let lines = problem.description.split(whereSeparator: \.isNewline)
        #expect(lines.count == 1)
    }

    @Test(arguments: [
        ("https://login.example.com", "https://login.example.com"),
        ("https://login.example.com/", "https://login.example.com"),
        ("HTTPS://Login.example.com:8443/a/b//", "https://Login.example.com:8443/a/b"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.1.2.3:1/v1.0", "http://127.1.2.3:1/v1.0"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ])
    func `a URL is https, or http on loopback, and loses its trailing slash`(
        text: String, url: String
    ) throws {
        #expect(try BaseURL.check(text) == url)
    }

    @Test(arguments: [
        "login.microsoftonline.com", "ftp://a", "https://", "https:///a", "https://a?b=c",
        "https://a#b", "https://a:0", "https://a:65536", "https://a:x", "https://a b",
        "https://ä.de",
        "https://a/b c", "https://[::1", "https://[zz]", "http://login.example.com",
        "http://127.0.0.1.example.com", "http://127.0.0", "http://localhost.example.com",
        "http://128.0.0.1", "http://[::2]", "http://0177.0.0.1", "https://a\\b",
    ])
    func `any other URL is refused`(text: String) {
        #expect(throws: Complaint.self) { try BaseURL.check(text) }
    }

    @Test func `a URL with a user in it is refused without an echo`() {
        let complaint = #expect(throws: Complaint.self) { try BaseURL.check("https://u:canary@h/") }
        #expect(complaint?.message.contains("canary") == false)
    }

    @Test func `a time zone is a compiled file in the zone directory`() throws {
        let fixture = try ConfigurationFixture()
        try fixture.write("TZif2", to: "zones/Europe/Berlin", mode: 0o644)
        try fixture.write("# text", to: "zones/leapseconds", mode: 0o644)
        let zones = "\(fixture.directory)/zones"
        #expect(try TimeZoneName.check("Europe/Berlin", directory: zones) == "Europe/Berlin")
        for name in ["Europe/Paris", "Europe", "leapseconds", "Europe/"] {
            #expect(throws: Complaint.self) { try TimeZoneName.check(name, directory: zones) }
        }
        let complaint = #expect(throws: Complaint.self) {
            try TimeZoneName.check("Europe/Berlin", directory: "/nonexistent")
        }
        #expect(complaint?.message.contains("install tzdata") == true)
        #expect(try TimeZoneName.check("UTC", directory: "/nonexistent") == "UTC")
    }

    @Test(arguments: [
        "your-client-id", "your_tenant", "YOUR-CLIENT-SECRET", "<client id>", "changeme",
        "CHANGE_ME",
        "change-me", "{{ client_id }}", "${CLIENT_ID}", "xxxx-xxxx", "TODO", "replace-me",
    ])
    func `what a sample left behind is a placeholder`(text: String) {
        #expect(Placeholder.isPlaceholder(text))
    }

    @Test(arguments: ["yourcompany", "sandbox", "x", "ab8Q~<x>", "common", "microsoft", ""])
    func `other words are none`(text: String) {
        #expect(!Placeholder.isPlaceholder(text))
    }

    @Test func `a long value is cut, and control characters are masked`() {
        let complaint = Complaint("\u{1B}[31m" + String(repeating: "a", count: 500), "is bad")
        #expect(complaint.message.count < 80)
        #expect(!complaint.message.contains("\u{1B}"))
    }
}
