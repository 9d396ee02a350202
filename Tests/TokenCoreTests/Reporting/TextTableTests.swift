import Testing

@testable import TokenCore

struct TextTableTests {
    private static let columns = [
        TextTable.Column(title: "USER", minimum: 4), TextTable.Column(title: "STATE"),
        TextTable.Column(title: "WHY", minimum: 3),
    ]

    @Test func `columns are as wide as their widest cell`() {
        let table = TextTable(
            Self.columns, sizedFor: [["1", "fresh", "-"], ["100000", "due", "-"]], width: 80)
        #expect(table.header == "USER    STATE  WHY")
        #expect(table.line(["1", "due", "-"]) == "1       due    -")
    }

    @Test func `the last column gives way first, then the one before it`() {
        let row = ["a-long-user", "expired", "a long reason"]
        #expect(
            TextTable(Self.columns, sizedFor: [row], width: 30).line(row)
                == "a-long-user  expired  a long …")
        #expect(
            TextTable(Self.columns, sizedFor: [row], width: 20).line(row) == "a-lon…  expired  a …")
        #expect(TextTable(Self.columns, sizedFor: [row], width: 12).line(row) == "a-l…  expir…")
    }

    @Test func `a column that can be missed goes whole, and none is left as a stump`() {
        let columns = [
            TextTable.Column(title: "STARTED"),
            TextTable.Column(title: "TOOK", isDispensable: true),
            TextTable.Column(title: "RESULT"),
        ]
        let row = ["2026-11-22", "12 s", "TRANSIENT (75)"]
        func line(_ width: Int) -> String {
            TextTable(columns, sizedFor: [row], width: width).line(row)
        }
        #expect(line(32) == "2026-11-22  12 s  TRANSIENT (75)")
        #expect(line(31) == "2026-11-22  TRANSIENT (75)")
        #expect(line(18) == "2026-11-22  TRANS…")
        #expect(line(17) == "2026-11-22")
    }

    @Test func `later rows are fitted to the widths that are settled`() {
        let table = TextTable(Self.columns, sizedFor: [["7", "due", "-"]], width: 80)
        #expect(table.line(["1234567", "fresh", "-"]) == "123…  fresh  -")
    }

    @Test func `colour does not count`() {
        let table = TextTable(Self.columns, sizedFor: [["7", "due", "-"]], width: 80)
        #expect(table.line(["7", "due", "-"]) { $0 == 1 ? "<\($1)>" : $1 } == "7     <due>    -")
    }

    @Test(arguments: [
        ("", 0), ("abc", 3), ("山田", 4), ("e\u{301}", 1), ("é", 1), ("ｱ", 1), ("Ａ", 2), ("한", 2),
        ("🙂", 2), ("👩‍👩‍👧", 2), ("Ж", 1),
    ])
    func `a text is as wide as a terminal draws it`(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(arguments: [
        ("山田太郎", 5, "山田…"), ("山田太郎", 4, "山…"), ("山田", 4, "山田"), ("abc", 0, ""), ("abc", 1, "…"),
    ])
    func `a wide character is never cut in two`(text: String, width: Int, fitted: String) {
        #expect(text.fitted(to: width) == fitted)
    }

    @Test(arguments: [
        (["a", "b"], "a,b\r\n"), (["a,b", ""], "\"a,b\",\r\n"),
        (["say \"x\""], "\"say \"\"x\"\"\"\r\n"),
        (["a\nb"], "\"a\nb\"\r\n"), (["a\r\nb"], "\"a\r\nb\"\r\n"),
    ])
    func `CSV quotes what needs quotes`(fields: [String], record: String) {
        #expect(CSV.record(fields) == record)
    }
}
