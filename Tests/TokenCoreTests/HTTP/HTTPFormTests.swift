import Testing

@testable import TokenCore

struct HTTPFormTests {
    private func encoded(_ pairs: (String, String)...) -> String {
        String(decoding: HTTPForm(pairs.map { ($0.0, Secret($0.1)) }).encoded, as: UTF8.self)
    }

    @Test func `unreserved characters stay and every other byte is escaped`() {
        let kept = "ABCXYZabcxyz0189-._~"
        #expect(encoded(("k", kept)) == "k=" + kept)
        for byte in UInt8(0)...127 {
            let character = String(UnicodeScalar(byte))
            guard !character.allSatisfy({ $0.isLetter || $0.isNumber || "-._~".contains($0) })
            else { continue }
            let digits = String(byte, radix: 16, uppercase: true)
            #expect(encoded(("k", character)) == "k=%" + (byte < 16 ? "0" : "") + digits)
        }
    }

    @Test func `what looks like a form inside a value stays inside`() {
        #expect(encoded(("a", "1&b=2"), ("b", "+ %")) == "a=1%26b%3D2&b=%2B%20%25")
    }

    @Test func `text is UTF 8 without normalisation`() {
        #expect(encoded(("é", "e\u{301}😀")) == "%C3%A9=e%CC%81%F0%9F%98%80")
    }

    @Test func `empty names, values and forms are what they are`() {
        #expect(encoded() == "")
        #expect(encoded(("", "")) == "=")
        #expect(encoded(("a", ""), ("b", "")) == "a=&b=")
    }

    @Test func `order and repetition are kept`() {
        let form = HTTPForm([("b", Secret("1")), ("a", Secret("2")), ("b", Secret("3"))])
        #expect(form.names == ["b", "a", "b"])
        #expect(String(decoding: form.encoded, as: UTF8.self) == "b=1&a=2&b=3")
    }

    @Test func `a form does not print its values`() {
        let form = HTTPForm([("client_secret", Secret("canary"))])
        #expect(!"\(form)".contains("canary"))
        #expect(!String(reflecting: form).contains("canary"))
    }
}
