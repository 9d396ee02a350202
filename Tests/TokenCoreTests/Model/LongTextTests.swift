import TestSupport
import Testing

@testable import TokenCore

@Suite struct LongTextTests {
    /// What a look at each byte finds.
    private static func endOfPlainJSON(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex {
            $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 < 0x20
        } ?? bytes.count
    }

    private func expectSame(_ bytes: [UInt8], from start: Int = 0) {
        let end = bytes.withUnsafeBufferPointer { $0.endOfPlainJSON(from: start) }
        #expect(end == Self.endOfPlainJSON(bytes, from: start), "\(bytes) from \(start)")
        let isPrintable = bytes.withUnsafeBufferPointer(\.arePrintableASCII)
        #expect(isPrintable == bytes.allSatisfy(\.isASCIIPrintable), "\(bytes)")
    }

    @Test func `each byte is found at each place`() {
        for byte in UInt8.min...UInt8.max {
            for count in [1, 7, 8, 9, 17] {
                for place in 0..<count {
                    var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: count)
                    bytes[place] = byte
                    expectSame(bytes)
                }
            }
        }
    }

    @Test func `what stands beside it changes nothing`() {
        // Neighbours between which a borrow travels.
        let edges: [UInt8] = [
            0x00, 0x01, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5C, 0x7E, 0x7F, 0x80, 0xFF,
        ]
        var random = SeededGenerator(seed: 20_261_123)
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<40, using: &random)
            let bytes = (0..<count).map { _ in
                Bool.random(using: &random)
                    ? edges.randomElement(using: &random) ?? 0 : UInt8(ascii: "k")
            }
            expectSame(bytes, from: Int.random(in: 0...count, using: &random))
        }
    }

    @Test func `a text that is stored elsewhere is read all the same`() {
        #expect("".isPrintableASCII)
        #expect(String(repeating: "a~ ", count: 500).isPrintableASCII)
        #expect(!(String(repeating: "a", count: 500) + "\u{7F}").isPrintableASCII)
        #expect(!"é".isPrintableASCII)
    }
}
