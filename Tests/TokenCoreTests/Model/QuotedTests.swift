import Testing

@testable import TokenCore

struct QuotedTests {
    @Test(arguments: [
        ("7", "7"), ("a@b.example", "a@b.example"), ("a b", "'a b'"), ("x'y", #"'x'\''y'"#),
        ("", "''"), ("-v", "'-v'"), ("$(id)", "'$(id)'"), ("a\u{1B}[2J", "'a?[2J'"),
    ])
    func `a text is one word of a shell`(text: String, word: String) {
        #expect(text.shellQuoted == word)
    }

    @Test func `a user is a literal of SQL`() {
        #expect(UserID.integer(7).sqlLiteral == "7")
        #expect(UserID.text("7").sqlLiteral == "'7'")
        #expect(UserID.text("x'y\n").sqlLiteral == "'x''y?'")
    }

    @Test func `a command of a hint takes any user`() {
        #expect(LoginRequest.again("a b") == "`teams-token login 'a b'` again")
        let row = Problem(
            userID: .text("x'y"), provider: "microsoft", cause: .verdict(.malformed),
            who: .operator, refusal: Refusal(message: ""))
        #expect(Remedies().remedy(for: row).hasSuffix("WHERE user_id = 'x''y'`"))
        let unconsented = Problem(
            userID: .text("a b"), provider: "microsoft", cause: .verdict(.consentRequired),
            who: .tenantAdmin, refusal: Refusal(message: ""))
        #expect(
            Remedies().remedy(for: unconsented).contains("`maintain-teams --user 'a b' --force`"))
    }

    @Test func `one of a thing is singular`() {
        #expect(1.counting("connection") == "1 connection")
        #expect(0.counting("connection") == "0 connections")
        #expect(1.counting("expires", "expire") == "1 expires")
        #expect(2.counting("expires", "expire") == "2 expire")
    }

    @Test func `a setting has a name for a sentence`() {
        #expect(Setting[.clientSecret].noun == "client secret")
        #expect(Setting[.scopes].noun == "scope string of the enrolment")
        for setting in Setting.table { #expect(!setting.noun.isEmpty) }
    }
}
