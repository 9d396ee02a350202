import Testing

@testable import TokenCore

@Suite struct FingerprintTests {
    private static func context(
        _ client: String = "c", _ tenant: String = "t", _ authority: String = "a",
        _ scopes: String? = "s"
    ) -> Fingerprint.Context {
        Fingerprint.Context(
            clientID: client, tenantID: tenant, authority: authority, scopes: scopes)
    }

    @Test func `the same token redeemed in the same way has the same fingerprint`() {
        let first = Fingerprint(refreshToken: Secret("rt"), context: Self.context())
        #expect(first == Fingerprint(refreshToken: Secret("rt"), context: Self.context()))
        #expect(first.bytes.count == 32)
    }

    @Test func `whatever changes, the fingerprint changes`() {
        let prints = [
            Fingerprint(refreshToken: Secret("rt"), context: Self.context()),
            Fingerprint(refreshToken: Secret("rt2"), context: Self.context()),
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("x")),
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "x")),
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "t", "x")),
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "t", "a", "x")),
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "t", "a", nil)),
            .ofToken(Secret("rt")), .ofToken(Secret("")),
        ]
        #expect(Set(prints.map(\.bytes)).count == prints.count)
    }

    /// Pairs that read the same when the parts are simply joined.
    @Test(arguments: [
        (context("ab", "c"), context("a", "bc")), (context("", "ab"), context("ab", "")),
        (context("a\0", "b"), context("a", "\0b")), (context("a b", "c"), context("a", "b c")),
        (context("a", "b", "c", "d"), context("a", "b", "cd", nil)),
    ])
    func `different lists never read the same`(
        first: Fingerprint.Context, second: Fingerprint.Context
    ) {
        #expect(
            Fingerprint(refreshToken: Secret("rt"), context: first)
                != Fingerprint(refreshToken: Secret("rt"), context: second))
    }

    @Test func `no scopes and empty scopes are the same request`() {
        #expect(
            Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "t", "a", nil))
                == Fingerprint(refreshToken: Secret("rt"), context: Self.context("c", "t", "a", ""))
        )
    }

    @Test func `it is kept across versions of this program`() {
        // Fingerprints stand in databases: another way of making them would void every failure.
        #expect(Fingerprint.shortName(of: "/data/teams.sqlite3") == "cabde1aef17c7b7d")
    }
}
