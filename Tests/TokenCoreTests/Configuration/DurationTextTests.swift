import Testing

@testable import TokenCore

struct DurationTextTests {
    @Test(arguments: [
        ("90s", 90), ("30m", 1_800), ("2h", 7_200), ("5400", 5_400), ("0", 0), ("0s", 0),
        ("007m", 420), ("87600h", 315_360_000),
    ])
    func `digits with one unit or none are a duration`(text: String, seconds: Int) {
        #expect(DurationText.duration(from: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "m", "-5m", "+5m", "1.5h", "1h30m", "5 m", "5M", "5d", "ten", "٣m", "87601h",
        "99999999999999999999999s", "9223372036854775807h",
    ])
    func `anything else is none`(text: String) {
        #expect(DurationText.duration(from: text) == nil)
    }

    @Test(arguments: ["0s", "45s", "12m", "90m", "2h", "87600h"])
    func `the text of a duration reads back as the same`(text: String) throws {
        #expect(DurationText.text(of: try #require(DurationText.duration(from: text))) == text)
    }
}
