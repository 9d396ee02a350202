import FoundationEssentials
import Testing

@testable import TokenCore

struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    static let example = Date(timeIntervalSince1970: 784_111_777)

    @Test(arguments: [
        ("0", 0), ("120", 120), (" 7 ", 7), ("1.5", 1.5), ("3600", 3600), ("3601", 3600),
        ("1e300", 3600), ("99999999999999999999", 3600), ("-5", 0), ("-1e300", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Mon, 07 Nov 1994 08:49:37 GMT", 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600), ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
    ])
    func `seconds and dates are read and bounded`(text: String, seconds: Double) {
        #expect(RetryAfter.duration(text, serverTime: Self.example) == .seconds(seconds))
    }

    @Test(arguments: [
        "", " ", "soon", "nan", "inf", "-inf", ",", "7 s", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 99999999999 08:49:37 GMT", "Sun, 06 Nov 9223372036854775807 08:49:37 GMT",
        "Sun, 9223372036854775807 Nov 1994 08:49:37 GMT",
    ])
    func `anything else is nothing`(text: String) {
        #expect(RetryAfter.duration(text, serverTime: Self.example) == nil)
    }
}

struct HTTPDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
    ])
    func `the fixed form is read`(text: String, seconds: Double) {
        #expect(HTTPDate.parse(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "Sun", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 30 Feb 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 -1:49:37 GMT", "Sun, 06 Nov 0 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT", "123, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 10000 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov -9223372036854775808 08:49:37 GMT",
        "Sun, 06 Nov 1994 9223372036854775807:49:37 GMT",
    ])
    func `other forms and days that don't exist are not`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
