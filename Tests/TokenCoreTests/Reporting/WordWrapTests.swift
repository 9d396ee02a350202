import Testing

@testable import TokenCore

struct WordWrapTests {
    @Test(arguments: [
        ("a b c", nil as Int?, "a b c"), ("a b c", 5, "a b c"), ("a b c", 4, "a b\n  c"),
        ("  why  one two", 10, "  why  one\n  two"), ("", 4, ""),
        ("see https://example.org/long now", 10, "see\n  https://example.org/long\n  now"),
        ("山田 太郎", 8, "山田\n  太郎"), ("\u{1B}[1mone\u{1B}[0m two", 7, "\u{1B}[1mone\u{1B}[0m two"),
    ])
    func `lines break at spaces and hang`(text: String, width: Int?, wrapped: String) {
        #expect(text.wrapped(to: width, indent: 2) == wrapped)
    }
}
