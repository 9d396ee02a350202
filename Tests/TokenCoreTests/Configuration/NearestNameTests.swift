import Testing

@testable import TokenCore

struct NearestNameTests {
    @Test(arguments: [
        ("abc", "abc", 0), ("ABC", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1),
        ("acb", "abc", 1),
        ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func `a slip is a letter added, left out, changed or swapped`(a: String, b: String, slips: Int)
    {
        #expect(NearestName.slips(from: a, to: b) == slips)
        #expect(NearestName.slips(from: b, to: a) == slips)
    }

    @Test func `the nearest name within the limit is found`() {
        let names = ["alice", "bob", "carol"]
        #expect(NearestName.of("carl", among: names, limit: 2) == "carol")
        #expect(NearestName.of("dave", among: names, limit: 2) == nil)
    }

    @Test(arguments: ["zz", "99", "6", "x", ""])
    func `what differs in more than half is no slip`(name: String) {
        #expect(NearestName.of(name, among: ["1", "7", "al"], limit: 2) == nil)
    }

    @Test func `half of a short name may be a slip`() {
        #expect(NearestName.of("77", among: ["7", "1"], limit: 2) == "7")
    }
}
