import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct SecretTests {
    private struct Holder {
        let secret: Secret
        let list: [Secret?]
        let table: [String: Secret]
    }

    @Test func `a secret never prints itself, alone or inside of something`() {
        let secret = Secret("canary")
        let holder = Holder(secret: secret, list: [secret, nil], table: ["key": secret])
        let tokens = TokenSet(accessToken: secret, refreshToken: secret, expiresAt: .distantPast)
        let connection = Connection(
            id: ConnectionID(userID: .integer(7), provider: "microsoft"), rowID: 1,
            refreshToken: secret, expiresAt: .distantPast)
        var dumped = ""
        for value in [secret, holder, tokens, connection, Optional(secret) as Any, [secret]]
            as [Any]
        {
            dump(value, to: &dumped)
            dumped += "\(value)" + String(describing: value) + String(reflecting: value)
        }
        #expect(!dumped.contains("canary"))
        #expect(dumped.contains("<redacted>"))
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `only its name gets the characters out`() {
        #expect(Secret("canary").exposed == "canary")
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("").isEmpty && !Secret(" ").isEmpty)
    }
}
