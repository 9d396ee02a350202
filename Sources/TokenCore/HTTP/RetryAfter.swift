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
        let parts = text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3])
        else { return nil }
        let clock = parts[4].utf8.split(separator: UInt8(ascii: ":")).compactMap {
            Int(Substring($0))
        }
        guard clock.count == 3, (1...9999).contains(year), (1...31).contains(day) else {
            return nil
        }
        let time = CalendarTime(
            year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1],
            second: clock[2])
        return time.isValid ? time.utc : nil
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
