import FoundationEssentials
import Testing

@testable import TokenCore

struct ConnectionImportTests {
    private static let header = "user_id\tprovider\taccess_token\trefresh_token\texpires_at"

    private func parse(_ text: String) -> ConnectionImport {
        .parse(Array(text.utf8), provider: "microsoft", zone: .utc)
    }

    private func parse(rows: String...) -> ConnectionImport {
        parse(([Self.header] + rows).joined(separator: "\n") + "\n")
    }

    @Test func `a table of mysql is read with its escapes and its NULL`() throws {
        let found = parse(
            "id\tuser_id\tprovider\taccess_token\trefresh_token\ttoken_type\texpires_at\tscope\tcreated_at\n"
                + "1\t7\tmicrosoft\tat 7\trt-7\tBearer\t2026-11-22 12:00:00\ta\\tb\\nc\\\\d\\0e\t2020-01-01 00:00:00\n"
                + "2\talice\tNULL\tat-a\tNULL\tNULL\t1795348800\tNULL\tNULL\n")
        #expect(found.problems == [])
        try #require(found.rows.count == 2)
        let (first, second) = (found.rows[0].enrolment, found.rows[1].enrolment)
        #expect(found.rows.map(\.line) == [2, 3])
        #expect(first.userID == .integer(7))
        #expect(first.accessToken == Secret("at 7"))
        #expect(first.refreshToken == Secret("rt-7"))
        #expect(first.expiry == .text("2026-11-22 12:00:00"))
        #expect(first.others[.scope] == .text("a\tb\nc\\d\0e"))
        #expect(first.others[.createdAt] == .text("2020-01-01 00:00:00"))
        #expect(first.others[.updatedAt] == nil)
        #expect(second.userID == .text("alice"))
        #expect(second.provider == "microsoft")
        #expect(second.refreshToken == nil)
        #expect(second.others[.tokenType] == .null)
        #expect(found.ignoredColumns == [])
    }

    @Test func `JSON lines are read with their types`() throws {
        let found = parse(
            """
            {"user_id":7,"access_token":"at","refresh_token":null,"expires_at":1795348800}

            {"USER_ID":"7","access_token":"at\\u0020x","refresh_token":"rt","expires_at":"2026-11-22T12:00:00Z","Odd":{}}
            {"user_id":"007","access_token":"at","refresh_token":"rt","expires_at":1795348800.5,"scope":null}
            """)
        #expect(found.problems == [])
        #expect(
            found.rows.map(\.enrolment.userID) == [.integer(7), .text("7"), .text("007")])
        #expect(found.rows.map(\.line) == [1, 3, 4])
        #expect(
            found.rows.map(\.enrolment.expiry) == [
                .integer(1_795_348_800), .text("2026-11-22T12:00:00Z"), .real(1_795_348_800.5),
            ])
        #expect(found.rows[2].enrolment.others[.scope] == .null)
        #expect(found.ignoredColumns == ["odd"] || found.ignoredColumns == ["Odd"])
    }

    @Test(arguments: [
        ("7", UserID.integer(7)), ("-7", .integer(-7)), ("007", .text("007")), ("+7", .text("+7")),
        ("9223372036854775808", .text("9223372036854775808")), ("7 ", .text("7 ")),
    ])
    func `digits of a table are a number only where nothing is lost`(
        text: String, userID: UserID
    ) {
        let found = parse(rows: "\(text)\tmicrosoft\tat\trt\t2026-11-22 12:00:00")
        #expect(found.rows.map(\.enrolment.userID) == [userID])
    }

    @Test(
        arguments: [
            ([0x1F, 0x8B, 0x08, 0x00], "gzip -dc"),
            (Array("SQLite format 3\0".utf8), "an SQLite database"),
            (Array("u\0s\0e\0r\0".utf8), "UTF-16LE"), (Array("\0u\0s\0e\0r".utf8), "UTF-16BE"),
            (Array("-- MySQL dump 10.13\n--\n".utf8), "an SQL dump"),
            (Array("\n/*!40101 SET NAMES utf8 */;".utf8), "an SQL dump"),
            (Array("INSERT INTO `oauth_tokens` VALUES (1);".utf8), "an SQL dump"),
            (Array("+----+---------+\n| id | user_id |\n".utf8), "draws for people"),
            (Array("id,user_id,provider\n1,7,microsoft\n".utf8), "this is CSV"),
            (Array("\"user_id\";\"access_token\"\n".utf8), "this is CSV"),
        ] as [([UInt8], String)])
    func `a file of another kind is called by its name`(bytes: [UInt8], words: String) {
        let found = ConnectionImport.parse(bytes, provider: "microsoft", zone: .utc)
        #expect(found.problems.count == 1)
        #expect(found.problems.first?.line == 1)
        #expect(found.problems.first?.message.contains(words) == true, "\(found.problems)")
    }

    @Test func `one field has at most 1 MiB`() {
        let longest = String(repeating: "x", count: AnswerLimit.bodySize)
        let fits = parse(rows: "7\tmicrosoft\t\(longest)\trt\t2026-11-22 12:00:00")
        #expect(fits.problems == [])
        let long = parse(rows: "7\tmicrosoft\t\(longest)x\trt\t2026-11-22 12:00:00")
        #expect(long.problems.map(\.description) == ["line 2: access_token: is longer than 1 MiB"])
        let scope = parse(
            #"{"user_id":7,"access_token":"a","refresh_token":"r","expires_at":1,"scope":"\#(longest)x"}"#
        )
        #expect(scope.problems.map(\.description) == ["line 1: scope: is longer than 1 MiB"])
    }

    @Test(arguments: ["\n", "\r\n"], [true, false])
    func `line ends, byte order mark and a missing last line end do no harm`(
        lineEnd: String, endsProperly: Bool
    ) {
        for row in [
            [Self.header, "7\tmicrosoft\tat\trt\t2026-11-22 12:00:00"],
            [
                #"{"user_id":7,"access_token":"at","refresh_token":"rt","expires_at":"2026-11-22 12:00:00"}"#
            ],
        ] {
            let text = row.joined(separator: lineEnd) + (endsProperly ? lineEnd : "")
            for mark in ["", "\u{FEFF}"] {
                let found = parse(mark + text)
                #expect(found.problems == [])
                #expect(found.rows.map(\.enrolment.expiry) == [.text("2026-11-22 12:00:00")])
            }
        }
    }

    @Test func `rows of other providers are counted and not looked at`() {
        let found = parse(
            rows: "x\tgoogle\tNULL\tNULL\tnever", "7\tmicrosoft\tat\trt\t1",
            "8\tgoogle\tat\trt\t1")
        #expect(found.problems == [])
        #expect(found.rows.map(\.line) == [3])
        #expect(found.skipped == ["google": 2])
    }

    @Test(arguments: [
        ("NULL\tmicrosoft\tat\trt\t1", "line 2: user_id: is NULL"),
        ("\tmicrosoft\tat\trt\t1", "line 2: user_id: is empty"),
        ("a\u{1B}b\tmicrosoft\tat\trt\t1", "line 2: user_id: is empty, or holds"),
        ("7\t\tat\trt\t1", "line 2: provider: is empty"),
        ("7\tmicrosoft\tNULL\trt\t1", "line 2: access_token: is NULL"),
        ("7\tmicrosoft\t\trt\t1", "line 2: access_token: is empty"),
        ("7\tmicrosoft\tat\trt\u{E9}\t1", "line 2: refresh_token: holds characters"),
        ("7\tmicrosoft\tat\\nx\trt\t1", "line 2: access_token: holds characters"),
        ("7\tmicrosoft\tat\\x\trt\t1", "line 2: access_token: has a backslash"),
        ("7\tmicrosoft\tat\\\trt\t1", "line 2: access_token: has a backslash"),
        ("7\tmicrosoft\tat\trt\tNULL", "line 2: expires_at: is no time"),
        ("7\tmicrosoft\tat\trt\t0000-00-00 00:00:00", "line 2: expires_at: is no time"),
        ("7\tmicrosoft\tat\trt\tsoon", "line 2: expires_at: is no time"),
        ("7\tmicrosoft\tat\trt", "line 2: has 4 fields, and the header 5"),
        ("7\tmicrosoft\tat\trt\t1\t1", "line 2: has 6 fields, and the header 5"),
    ])
    func `a bad line is named with its column and what to do`(row: String, words: String) throws {
        let found = parse(rows: row)
        #expect(found.rows.isEmpty)
        try #require(found.problems.count == 1)
        #expect(found.problems[0].description.hasPrefix(words), "\(found.problems[0])")
    }

    @Test(arguments: [
        (
            #"{"user_id":7.5,"access_token":"at","refresh_token":"rt","expires_at":1}"#,
            "user_id: is a number, but"
        ),
        (
            #"{"user_id":1e3,"access_token":"at","refresh_token":"rt","expires_at":1}"#,
            "user_id: is a number, but"
        ),
        (
            #"{"user_id":true,"access_token":"at","refresh_token":"rt","expires_at":1}"#,
            "user_id: has a type"
        ),
        (
            #"{"user_id":7,"access_token":1,"refresh_token":"rt","expires_at":1}"#,
            "access_token: has a type"
        ),
        (#"{"user_id":7,"access_token":"at","expires_at":1}"#, "refresh_token: is missing"),
        (
            #"{"user_id":7,"access_token":"at","refresh_token":"rt","expires_at":1e400}"#,
            "expires_at: is no time"
        ),
        (
            #"{"user_id":7,"access_token":"at","refresh_token":"rt","expires_at":1,"scope":[]}"#,
            "scope: has a type"
        ),
        (
            #"{"user_id":7,"provider":1,"access_token":"at","refresh_token":"rt","expires_at":1}"#,
            "provider: has a type"
        ),
        (
            #"{"user_id":7,"User_ID":8,"access_token":"at","refresh_token":"rt","expires_at":1}"#,
            "user_id: is named twice"
        ),
        (#"{"user_id":7"#, "is not one complete JSON object"),
        (#"{"a":1}{"b":2}"#, "is not one complete JSON object"),
    ])
    func `a bad object is named too`(row: String, words: String) throws {
        let found = parse(row)
        #expect(found.rows.isEmpty)
        try #require(found.problems.count == 1)
        #expect(found.problems[0].description.hasPrefix("line 1: \(words)"), "\(found.problems[0])")
    }

    @Test(arguments: [
        ("", "line 1: there is nothing in it"), (" \n\t\n", "line 1: there is nothing in it"),
        ("[{}]", "line 1: this is a JSON array"),
        ("SECRET0\tSECRET1\n", "line 1: the header names no column user_id, access_token"),
        ("user_id access_token\n", "line 1: the header names no column user_id"),
        (header + "\tuser_id\n", "line 1: user_id: is named twice"),
    ])
    func `what is no input at all is told once, and nothing of it repeated`(
        text: String, words: String
    ) throws {
        let found = parse(text)
        try #require(found.problems.count == 1)
        #expect(found.problems[0].description.hasPrefix(words))
        #expect(!found.problems[0].description.contains("SECRET"))
    }

    @Test func `bytes that are no UTF-8 are told by line and column`() {
        let table =
            Array((Self.header + "\n7\tmicrosoft\tat\trt").utf8) + [0xFF] + Array("\t1\n".utf8)
        let found = ConnectionImport.parse(table, provider: "microsoft", zone: .utc)
        #expect(found.problems.map(\.line) == [2])
        #expect(found.problems.map(\.column) == ["refresh_token"])
        let object = Array(#"{"user_id":"#.utf8) + [0xFF]
        #expect(
            ConnectionImport.parse(object, provider: "microsoft", zone: .utc).problems.map(
                \.message) == ["is not UTF-8, as JSON must be"])
        let wide = ConnectionImport.parse([0xFF, 0xFE, 0x75, 0], provider: "microsoft", zone: .utc)
        #expect(wide.problems.first?.message.contains("UTF-16") == true)
    }

    @Test func `all bad lines are found in one reading, duplicates too`() {
        let found = parse(
            rows: "7\tmicrosoft\tat\trt\t1", "8\tmicrosoft\tNULL\trt\tsoon",
            "7\tmicrosoft\tat\trt\t1",
            "007\tmicrosoft\tat\trt\t1", "7\tgoogle\tat\trt\t1")
        #expect(
            found.problems.map(\.description) == [
                "line 3: access_token: is NULL; give it a value, or leave the line out",
                "line 3: expires_at: is no time that can be read; with 1970-01-01 00:00:00 the next pass refreshes the token",
                "line 4: user_id: the same user as in line 2; keep one of the two",
            ])
        #expect(found.rows.map(\.line) == [2, 5])
    }

    @Test func `a header alone is no row and no problem`() {
        let found = parse(Self.header)
        #expect(found.problems == [])
        #expect(found.rows.isEmpty)
    }

    @Test func `an ignored name is repeated only if it looks like one`() {
        let found = parse(
            Self.header + "\ttenant_id\t\u{1B}[31m\t" + String(repeating: "x", count: 65) + "\n")
        #expect(found.ignoredColumns == ["tenant_id", "(a name that is none)"])
    }
}

extension Enrolment {
    fileprivate var expiry: SQLiteValue? {
        if case .stored(let value) = expiresAt { value } else { nil }
    }
}
