/// A text is read from the left, and what can't be read stays where it is.

import Testing

@testable import TokenCore

struct ByteScannerTests {
    @Test func `what fits is taken`() {
        let rest = ByteScanner.scan("ab12-Z.50+é") { scanner in
            let letters = scanner.skip(count: 2, where: \.isASCIILetter)
            let number = scanner.number(digits: 2)
            let dash = scanner.take("-")
            let zone = scanner.takeAny(of: "zZ")
            let fraction = scanner.fraction()
            #expect(letters && dash)
            #expect(number == 12)
            #expect(zone == "Z")
            #expect(fraction?.value == 0.5)
            #expect(fraction?.digits == 2)
            #expect(!scanner.isAtEnd)
            return scanner.rest
        }
        #expect(rest == "+é")
    }

    @Test(arguments: ["", "1", "1a", "a1", ".", ".x", "éé"])
    func `what does not fit leaves the place where it was`(text: String) {
        let rest = ByteScanner.scan(text) { scanner in
            let number = scanner.number(digits: 2)
            let word = scanner.take("12")
            let character = scanner.takeAny(of: "xyz")
            let digits = scanner.skip(count: 2, where: \.isASCIIDigit)
            #expect(number == nil && character == nil)
            #expect(!word && !digits)
            if text.hasPrefix(".") {
                let fraction = scanner.fraction()
                #expect(fraction == nil)
            }
            return scanner.rest
        }
        #expect(rest == text)
    }

    @Test func `without a point the fraction is nothing`() {
        let fraction = ByteScanner.scan("5") { $0.fraction() }
        #expect(fraction?.value == 0)
        #expect(fraction?.digits == 0)
    }
}
