import Testing

@testable import TokenCore

struct EnvFileTests {
    private func read(_ text: String) -> EnvFile {
        EnvFile(path: "/c.env", bytes: Array(text.utf8))
    }

    @Test(arguments: [
        ("TEAMS_X=1", "1"), ("TEAMS_X=", ""), ("TEAMS_X=a b", "a b"), ("TEAMS_X=a=b", "a=b"),
        ("  TEAMS_X = 1  ", "1"), ("TEAMS_X=1\r\n", "1"), ("\u{FEFF}TEAMS_X=1", "1"),
        ("TEAMS_X=\"a b\"", "a b"), ("TEAMS_X=' a '", " a "), ("TEAMS_X=\"\"", ""),
        ("TEAMS_X=\"it's\"", "it's"), ("TEAMS_X=$HOME", "$HOME"), ("TEAMS_X='${A}'", "${A}"),
        ("TEAMS_X=a # b", "a # b"), ("TEAMS_X=a\"b\"", "a\"b\""), ("TEAMS_X=a\\n", "a\\n"),
        ("\n# TEAMS_X=2\n\n  # no\nTEAMS_X=1\n", "1"),
    ])
    func `a value is what follows the sign, without spaces and quotes around it`(
        text: String, value: String
    ) {
        let file = read(text)
        #expect(file["TEAMS_X"]?.value == value)
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: [
        ("A=1\nnonsense", 2, "has no =; write KEY=value"),
        ("=1", 1, "has no key before the =; write KEY=value"),
        ("A B=1", 1, "has no key before the =; write KEY=value"),
        ("1A=1", 1, "has no key before the =; write KEY=value"),
        ("export A=1", 1, "is not a shell script; remove the word export"),
        ("A=1\n\nA=1", 3, "is already set in line 1; remove one of the two lines"),
        ("A=\"1", 1, "begins with a quote that does not end the line; close it"),
        ("A='", 1, "begins with a quote that does not end the line; close it"),
        ("A='1' # one", 1, "begins with a quote that does not end the line; close it"),
        ("A=1\nB=\0", 2, "holds a NUL byte; save it as plain text in UTF-8"),
    ])
    func `a line that can't be read is a problem with its number`(
        text: String, line: Int, message: String
    ) {
        let problems = read(text).problems
        #expect(problems.map(\.source) == [.file("/c.env", line: line)])
        #expect(problems.map(\.message) == [message])
    }

    @Test func `invalid UTF-8 is a problem of its line only`() {
        let file = EnvFile(
            path: "/c.env", bytes: Array("A=1\nB=".utf8) + [0xFF, 0x0A] + Array("C=3".utf8))
        #expect(file.problems.map(\.source) == [.file("/c.env", line: 2)])
        #expect(file.entries.map(\.key) == ["A", "C"])
    }

    @Test func `a number sign after a space is mentioned, for it is no comment`() {
        #expect(
            read("A=1 # one").warnings == [
                "/c.env:1: A: no comment can follow a value, so # and the rest belong to it"
            ])
        #expect(read("A=a#1\nB='a # 1'").warnings.isEmpty)
    }

    @Test(arguments: ["canary8Q~x", "canary 8Q~x=", "canary8Q~x==", "export canary8Q~x=1"])
    func `a line without a proper key is not echoed, for it may be half a secret`(line: String) {
        #expect(!"\(read(line).problems)".contains("canary"))
    }
}
