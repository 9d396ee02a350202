import Testing

@testable import TokenCore

struct RowSetTests {
    @Test func `it holds what was put in, and nothing else`() {
        var rows = RowSet()
        var expected: Set<Int64> = []
        var random = SystemRandomNumberGenerator()
        let edges: [Int64] = [.min, .min + 1, -64, -63, -1, 0, 1, 63, 64, 65, .max - 1, .max]
        for row in edges + (0..<2000).map({ _ in Int64.random(in: -500...500, using: &random) }) {
            #expect(rows.contains(row) == expected.contains(row))
            #expect(rows.insert(row) == expected.insert(row).inserted)
            #expect(rows.contains(row))
        }
        for row in Int64(-600)...600 { #expect(rows.contains(row) == expected.contains(row)) }
    }
}
