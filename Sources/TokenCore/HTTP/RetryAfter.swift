/// When a server asks us to come back (RFC 9110 §10.2.3): a number of seconds, or a date.

public import FoundationEssentials

public enum RetryAfter {
    /// Longer waits are not believed: MSAL's own bound.
    public static let longest = Duration.seconds(3600)

    /// - Parameters:
    ///   - value: The header, for example `120` or `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///   - serverTime: The answer's `Date`, which a date is compared with, so that our own clock's
    ///     error doesn't matter.
    /// - Returns: 0 s to one hour; nil when the value can't be read.
    public static func duration(_ value: String, serverTime: Date) -> Duration? {
        let value = value.trimmed
        // The header sent twice arrives as a list.
        let first = value.split(separator: ",").first.map(\.trimmed) ?? ""
        if let seconds = Double(first), seconds.isFinite {
            return bounded(seconds)
        }
        guard let date = HTTPDate.parse(value) else { return nil }
        return bounded(date.timeIntervalSince(serverTime))
    }

    /// Bounds the number first: `Duration` traps on one that it can't hold.
    private static func bounded(_ seconds: Double) -> Duration {
        .seconds(min(max(seconds, 0), Double(longest.components.seconds)))
    }
}

public enum HTTPDate {
    /// Reads the fixed form of RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`.
    public static func parse(_ text: String) -> Date? {
        ByteScanner.scan(text) { scanner in
            guard scanner.skip(count: 3, where: \.isASCIILetter), scanner.take(", "),
                let day = scanner.number(digits: 2), scanner.take(" "),
                let month = months.firstIndex(where: { scanner.take($0) }), scanner.take(" "),
                let year = scanner.number(digits: 4), year >= 1, scanner.take(" "),
                let hour = scanner.number(digits: 2), scanner.take(":"),
                let minute = scanner.number(digits: 2), scanner.take(":"),
                let second = scanner.number(digits: 2), scanner.take(" GMT"), scanner.isAtEnd
            else { return nil }
            let time = CalendarTime(
                year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
            return time.isValid ? time.utc : nil
        }
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
