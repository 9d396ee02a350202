import FoundationEssentials
import Testing

@testable import TokenCore

struct UnverifiedClaimsTests {
    private static func part(_ json: String) -> String {
        Data(json.utf8).base64EncodedString().filter { $0 != "=" }
            .map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }.joined()
    }

    @Test func `claims are read by name, whatever the alphabet and the padding`() {
        let payload = #"{"sub":"ÿ?~üñ","exp":4000000000,"aud":["a"]}"#
        let claims = UnverifiedClaims(
            Secret("\(Self.part(#"{"alg":"RS256"}"#)).\(Self.part(payload)).sig"))
        #expect(claims?.claims.map(\.name) == ["aud", "exp", "sub"])
        #expect(claims?.claims.last?.value == .string("ÿ?~üñ"))
    }

    @Test(arguments: [
        "", "EwBopaque", "a.b", "a.b.c", "..", "eyJhbGciOiJub25lIn0.bm8.x", "a.eyJzdWIiOiI3In0.x",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.x.y.z", "e30.eyJzdWIiOiI3In0.x",
    ])
    func `anything else is opaque`(token: String) {
        #expect(UnverifiedClaims(Secret(token)) == nil)
    }
}
