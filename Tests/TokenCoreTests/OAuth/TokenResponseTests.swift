import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct TokenResponseTests {
    static let requestedAt = Date(timeIntervalSince1970: 1_900_000_000.75)

    private func decode(_ body: String) throws(MalformedTokenResponse) -> TokenSet {
        try TokenResponse.decode(Array(body.utf8), requestedAt: Self.requestedAt)
    }

    @Test func `a full answer becomes a token set`() throws {
        let tokens = try decode(
            """
            {"token_type":"Bearer","scope":"User.Read openid","expires_in":3599,
             "ext_expires_in":3599,"access_token":"at","refresh_token":"rt \\u00e9\\ud83d\\ude00\\/",
             "id_token":"a.b.c","client_info":"e30","foci":"1","nested":{"list":[1,-2.5e3,true,null]}}
            """)
        #expect(
            tokens
                == TokenSet(
                    accessToken: Secret("at"), refreshToken: Secret("rt é😀/"),
                    expiresAt: Date(timeIntervalSince1970: 1_900_003_599), tokenType: "Bearer",
                    scope: "User.Read openid", idToken: Secret("a.b.c")))
    }

    @Test(arguments: [
        ("3599", 3599), (#""3599""#, 3599), ("3599.9", 3599), (#""86399.5""#, 86399), ("1", 1),
        ("1.0e3", 1000), ("315360000", 315_360_000),
    ])
    func `the lifetime is a positive number, floored`(value: String, seconds: Int) throws {
        let tokens = try decode(#"{"access_token":"at","expires_in":\#(value)}"#)
        #expect(tokens.expiresAt == Date(timeIntervalSince1970: Double(1_900_000_000 + seconds)))
    }

    @Test(arguments: [
        "0", "-1", "0.9", "-0", "null", "true", "[]", "{}", #""""#, #""soon""#, #""inf""#,
        #""nan""#,
        #""0x10""#, #"" 3599""#, #""+3599""#, #""3599s""#, "1e300", "1e999", "99999999999999999999",
        "315360001", "3599.", "01", "+1", "NaN", "Infinity", "--1", "1e", "0x10",
    ])
    func `any other lifetime is malformed`(_ value: String) {
        #expect(throws: MalformedTokenResponse.self) {
            try decode(#"{"access_token":"at","expires_in":\#(value)}"#)
        }
    }

    @Test(arguments: ["", " ", "\\t", "\\r\\n", "\\u00a0"])
    func `a refresh token of nothing but white space is none`(_ blank: String) throws {
        let body = #"{"access_token":"at","expires_in":3599,"refresh_token":"\#(blank)"}"#
        #expect(try decode(body).refreshToken == nil)
    }

    @Test(arguments: [
        #"{"token_type":"Bearer","expires_in":"3599.7","access_token":"at","refresh_token":"r\"\\é","scope":"a b"}"#,
        #"{"expires_in":60,"access_token":"at"}"#,
    ])
    func `condensed it says the same in less`(_ body: String) throws {
        let padded = Array((String(repeating: " ", count: 90_000) + body).utf8)
        let condensed = try #require(TokenResponse.condensed(padded))
        #expect(condensed.count < 200)
        #expect(
            try TokenResponse.decode(condensed, requestedAt: Self.requestedAt)
                == TokenResponse.decode(padded, requestedAt: Self.requestedAt))
        #expect(TokenResponse.condensed(Array("{}".utf8)) == nil)
    }

    @Test(arguments: [
        #"{"expires_in":3599}"#, #"{"access_token":"","expires_in":3599}"#,
        #"{"access_token":"  ","expires_in":3599}"#,
        #"{"access_token":null,"expires_in":3599}"#, #"{"access_token":7,"expires_in":3599}"#,
        #"{"access_token":"a\nb","expires_in":3599}"#, #"{"access_token":"  ","expires_in":3599}"#,
        #"{"access_token":"a\u0000","expires_in":3599}"#,
        #"{"access_token":"é","expires_in":3599}"#, #"{"access_token":"at"}"#,
        #"{"Access_Token":"at","expires_in":3599}"#, #"{"error":"invalid_grant"}"#, "{}",
    ])
    func `an answer without an access token or a lifetime is malformed`(_ body: String) {
        #expect(throws: MalformedTokenResponse.self) { try decode(body) }
    }

    @Test(arguments: [
        "", " ", "null", "true", "7", #""at""#, "[]", "<html></html>", "access_token=at",
        #"{"access_token":"at","expires_in":3599"#, #"{"access_token":"at","expires_in":3599}}"#,
        #"{"access_token":"at","expires_in":3599} {}"#,
        #"{"access_token":"at","expires_in":3599,}"#,
        #"{"access_token":"at","access_token":"other","expires_in":3599}"#,
        #"{"access_token":"at","access\u005ftoken":"other","expires_in":3599}"#,
        #"{"access_token":"at","expires_in":3599,"expires_in":7}"#,
        #"{"access_token":"at","expires_in":3599,"x":{"y":1,"y":2}}"#,
        #"{"access_token":"at","expires_in":3599,"x":"\ud83d"}"#,
        #"{"access_token":"at","expires_in":3599,"x":"\ude00\ud83d"}"#,
        #"{"access_token":"at","expires_in":3599,"x":"\x"}"#,
        #"{"access_token":"at","expires_in":3599,"x":"\u12"}"#,
        #"{"access_token":"at","expires_in":3599,"x":tru}"#,
        #"{'access_token':'at','expires_in':3599}"#,
        "{\"access_token\":\"a\tt\",\"expires_in\":3599}",
    ])
    func `what is not one JSON object is malformed`(_ body: String) {
        #expect(throws: MalformedTokenResponse.self) { try decode(body) }
    }

    @Test(arguments: [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
    ])
    func `bad UTF-8 is malformed`(_ bytes: [UInt8]) {
        let body =
            Array(#"{"access_token":"at","expires_in":3599,"x":""#.utf8) + bytes + Array("\"}".utf8)
        #expect(throws: MalformedTokenResponse.self) {
            try TokenResponse.decode(body, requestedAt: Self.requestedAt)
        }
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `depth is bounded`(_ opening: String) throws {
        let deep = String(repeating: opening, count: 500_000)
        #expect(throws: MalformedTokenResponse.self) { try decode(deep) }
        #expect(throws: MalformedTokenResponse.self) {
            try decode(#"{"access_token":"at","expires_in":3599,"x":\#(deep)"#)
        }
    }

    @Test func `an answer cut anywhere is malformed`() {
        let body = Array(
            #"{"access_token":"at\u00e9","expires_in":3599.5e0,"x":[true,{"y":null}],"z":"\\"}"#
                .utf8)
        for length in 0..<body.count {
            #expect(throws: MalformedTokenResponse.self) {
                try TokenResponse.decode(Array(body[..<length]), requestedAt: Self.requestedAt)
            }
        }
    }

    @Test(arguments: ["null", #""""#, #"" ""#, #""\r\n\t""#, "7", "{}", "[]", "false"])
    func `a refresh token that is none counts as absent`(_ value: String) throws {
        let body = #"{"access_token":"at","expires_in":60,"refresh_token":\#(value)}"#
        #expect(try decode(body).refreshToken == nil)
    }

    @Test func `optional fields of the wrong type are ignored`() throws {
        let tokens = try decode(
            #"{"access_token":"at","expires_in":60,"token_type":1,"scope":["a"],"refresh_token":"rt"}"#
        )
        #expect(tokens.tokenType == nil)
        #expect(tokens.scope == nil)
        #expect(tokens.refreshToken == Secret("rt"))
    }

    @Test func `optional fields that a terminal would obey are ignored`() throws {
        let tokens = try decode(
            #"{"access_token":"at","expires_in":60,"token_type":"\u001b[31m","scope":"a \u202e"}"#)
        #expect(tokens.tokenType == nil)
        #expect(tokens.scope == nil)
    }

    @Test func `a byte order mark and spaces do no harm`() throws {
        let tokens = try decode(
            "\u{FEFF}\r\n\t { \"access_token\" : \"at\" , \"expires_in\" : 60 } \n")
        #expect(tokens.accessToken == Secret("at"))
    }

    @Test func `a long token comes through unchanged`() throws {
        let token = String(repeating: "aB3-_.~", count: 100_000)
        let body = #"{"access_token":"at","expires_in":60,"refresh_token":"\#(token)"}"#
        #expect(try decode(body).refreshToken == Secret(token))
    }
}
