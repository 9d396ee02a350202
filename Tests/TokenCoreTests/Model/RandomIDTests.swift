import FoundationEssentials
import Testing

@testable import TokenCore

struct RandomIDTests {
    private let names = (0..<1000).map { _ in RandomID.make() }

    @Test func `it is a UUID of version 4 in lower case`() {
        for name in names {
            #expect(UUID(uuidString: name)?.uuidString.lowercased() == name)
            #expect(Array(name)[14] == "4")
            #expect("89ab".contains(Array(name)[19]))
        }
    }

    @Test func `no two are alike, and every other digit varies`() {
        #expect(Set(names).count == names.count)
        for place in 0..<36 where ![8, 13, 14, 18, 19, 23].contains(place) {
            #expect(Set(names.map { Array($0)[place] }).count == 16)
        }
    }
}
