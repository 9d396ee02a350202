import Foundation
import Testing

@testable import SandboxKit

struct TextTests {
    @Test(arguments: [
        (0.0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_210_096.9, "Thu, 29 Feb 2024 12:34:56 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `instants are spelled as HTTP dates`(seconds: Double, text: String) {
        #expect(Timestamp(Date(timeIntervalSince1970: seconds)).httpDate == text)
    }

    @Test func `error bodies spell instants in two other ways`() {
        let timestamp = Timestamp(Date(timeIntervalSince1970: 1_709_210_096))
        #expect(timestamp.entraText == "2024-02-29 12:34:56Z")
        #expect(timestamp.graphText == "2024-02-29T12:34:56")
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "Ü\u{0}\u{ff}"])
    func `base64url agrees with Foundation and comes back`(text: String) {
        let encoded = TokenText.base64URL(text.utf8)
        let expected = Data(text.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        #expect(encoded == expected)
        #expect(TokenText.bytes(base64URL: encoded.utf8) == Array(text.utf8))
        #expect(TokenText.bytes(base64URL: "a b".utf8) == nil)
    }

    @Test(arguments: ["plain", "a\"b\\c", "\n\r\t\u{1}", "Ü 🦊"])
    func `JSON strings read back as they were`(text: String) throws {
        let json = Data("[\(JSONText.quoted(text))]".utf8)
        #expect(try JSONDecoder().decode([String].self, from: json) == [text])
    }

    @Test func `form fields are decoded and counted`() {
        let form = FormFields(Array("a=1%202+3&b=%zz&c=&a=%41".utf8))
        #expect(form["a"] == "1 2 3")
        #expect(form["b"] == "%zz")
        #expect(form["c"] == nil)
        #expect(form.names == ["a", "a", "b", "c"])
        #expect(form.duplicate == "a")
    }

    @Test func `a refresh token has exactly the length asked for`() {
        for length in [100, 1200, 5000] {
            let token = RefreshTokenForm(user: "7", generation: 3).text(length: length)
            #expect(token.utf8.count == length)
            #expect(RefreshTokenForm(token) == RefreshTokenForm(user: "7", generation: 3))
        }
    }

    @Test func `GUIDs look random and always belong to the same text`() {
        let guid = TokenText.guid(for: "7")
        #expect(guid == TokenText.guid(for: "7"))
        #expect(guid != TokenText.guid(for: "8"))
        #expect(UUID(uuidString: guid)?.uuidString.lowercased() == guid)
        #expect(guid.split(separator: "-")[2].first == "4")
    }
}
