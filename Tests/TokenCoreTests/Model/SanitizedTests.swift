import Testing

@testable import TokenCore

@Suite struct SanitizedTests {
    @Test(arguments: [
        ("plain text: ä é 漢字 🙂 #1", "plain text: ä é 漢字 🙂 #1"), ("", ""),
        ("\u{1B}[2J\u{1B}]0;owned\u{7}", "?[2J?]0;owned?"), ("a\nb\r\nc\td\0e", "a?b??c?d?e"),
        ("\u{7F}\u{9B}31m", "??31m"), ("user\u{202E}gnp.exe", "user?gnp.exe"),
        ("zero\u{200B}width\u{FEFF}", "zero?width?"), ("line\u{2028}para\u{2029}", "line?para?"),
        ("\u{E000}\u{10FFFF}", "??"), ("tag\u{E0041}", "tag?"),
    ])
    func `nothing that a terminal would obey is left`(text: String, clean: String) {
        #expect(text.sanitized() == clean)
        #expect(clean.sanitized() == clean)
    }

    @Test func `it is cut at the limit`() {
        #expect(String(repeating: "x", count: 1000).sanitized().count == 300)
        #expect("abcdef".sanitized(limit: 3) == "abc")
        // Marks piled on one letter count too.
        let piled = "a" + String(repeating: "\u{301}", count: 1000)
        #expect(piled.sanitized(limit: 10).unicodeScalars.count == 10)
    }

    @Test(arguments: [
        ("  a b \t\r\n", "a b"), ("", ""), (" \n", ""), ("a", "a"), ("\u{A0}a", "\u{A0}a"),
    ])
    func `spaces around are trimmed`(text: String, trimmed: String) {
        #expect(text.trimmed == trimmed)
    }
}
