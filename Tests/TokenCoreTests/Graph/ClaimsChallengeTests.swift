import Testing

@testable import TokenCore

@Suite struct ClaimsChallengeTests {
    /// `{"access_token":{"nbf":{}}}` in base64, and `{"a":1}` whose base64 needs padding.
    static let nbf = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7fX19"
    static let short = "eyJhIjoxfQ=="

    @Test(arguments: [
        #"Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", claims="\#(short)""#,
        #"Bearer error="insufficient_claims", claims="\#(short)""#,
        #"Bearer claims="\#(short)", error="insufficient_claims""#,
        #"Bearer error=insufficient_claims, claims=\#(short)"#,
        #"Bearer error=insufficient_claims,claims=\#(short),realm="""#,
        #"bearer ERROR = "insufficient_claims" , Claims = "\#(short)""#,
        #"Bearer error="insufficient_claims" claims="\#(short)""#,
        #"Bearer error="insufficient_claims", claims="eyJhIjoxfQ""#,
        #"PoP authorization_uri="x", error="insufficient_claims", claims="\#(nbf)", Bearer error="insufficient_claims", claims="\#(short)""#,
        #"Negotiate, NTLM TlRMTVNTUAAB==, Bearer realm="a, b=\"c\"", error="insufficient_claims", claims="\#(short)""#,
        #"Bearer error="invalid_token", Bearer error="insufficient_claims", claims="\#(short)""#,
        #",, Bearer error="insufficient_claims", claims="\#(short)", claims="\#(nbf)""#,
    ])
    func `the claims are found`(_ header: String) {
        #expect(ClaimsChallenge.claims(in: header) == #"{"a":1}"#)
    }

    @Test(arguments: [
        "", ",", "=", "\"", "Bearer", "Bearer realm=\"\"", "\(short)",
        #"Bearer claims="\#(short)""#, #"Bearer error="invalid_token", claims="\#(short)""#,
        #"Bearer error="insufficient_claims""#, #"Bearer error="insufficient_claims", claims="""#,
        #"Bearer error="insufficient_claims", claims="%%%""#,
        #"Bearer error="insufficient_claims", claims="bm90IGpzb24=""#,
        #"Bearer error="insufficient_claims", claims="WzFd""#,
        #"Bearer error="insufficient_claims", claims="/////w==""#,
        #"Bearer error="insufficient_claims", claims="eyJhIjox"#,
        #"PoP error="insufficient_claims", claims="\#(short)""#,
        #"Bearer error="insufficient_claims", PoP claims="\#(short)""#,
        #"error="insufficient_claims", claims="\#(short)""#,
    ])
    func `nothing else is a challenge`(_ header: String) {
        #expect(ClaimsChallenge.claims(in: header) == nil)
    }
}
