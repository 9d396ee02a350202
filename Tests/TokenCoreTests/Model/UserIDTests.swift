import Testing

@testable import TokenCore

@Suite struct UserIDTests {
    @Test(arguments: [
        ("7", [UserID.integer(7), .text("7")]), ("-7", [.integer(-7), .text("-7")]),
        ("0", [.integer(0), .text("0")]),
        ("9223372036854775807", [.integer(.max), .text("9223372036854775807")]),
        ("007", [.text("007")]), ("+7", [.text("+7")]), ("-0", [.text("-0")]),
        ("7.0", [.text("7.0")]),
        (" 7", [.text(" 7")]), ("7 ", [.text("7 ")]), ("", [.text("")]), ("１", [.text("１")]),
        ("9223372036854775808", [.text("9223372036854775808")]), ("0x7", [.text("0x7")]),
        ("ann@example.com", [.text("ann@example.com")]),
    ])
    func `an argument means the integer it is written as, or the text`(
        argument: String, candidates: [UserID]
    ) {
        #expect(UserID.candidates(for: argument) == candidates)
    }

    @Test func `an integer and a text that reads the same are two users`() {
        #expect(UserID.integer(7) != .text("7"))
        #expect(Set([UserID.integer(7), .text("7"), .text("007")]).count == 3)
        #expect(UserID.integer(7).description == UserID.text("7").description)
    }

    @Test func `the order is SQLite's`() throws {
        let users: [UserID] = [
            .integer(.min), .integer(-1), .integer(0), .integer(2), .integer(10), .integer(.max),
            .text(""), .text("10"), .text("2"), .text("A"), .text("Z"), .text("a"), .text("a b"),
            .text("aa"), .text("é"), .text("ﬀ"), .text("🙂"),
        ]
        #expect(users.reversed().sorted() == users)
        let database = try ScratchDatabase(["CREATE TABLE t (a)"])
        for user in users.reversed() {
            try database.run("INSERT INTO t VALUES (?1)", [SQLiteValue(user)])
        }
        #expect(try database.column("SELECT a FROM t ORDER BY a").map { UserID($0) } == users)
    }
}
