import FoundationEssentials

/// An instant as calendar fields in UTC, and the two spellings that the answers need.
///
/// Calendar arithmetic after Howard Hinnant's `civil_from_days`: no locale, no formatter.
struct Timestamp {
    private var year, month, day, hour, minute, second, weekday: Int

    init(_ date: Date) {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let days = (seconds - Self.modulo(seconds, 86_400)) / 86_400
        let clock = Self.modulo(seconds, 86_400)
        (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60)
        weekday = Self.modulo(days + 4, 7)
        // Eras of 400 years that begin on 1 March, so that the leap day is a year's last.
        let shifted = days + 719_468
        let dayOfEra = Self.modulo(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// `Sun, 03 Feb 2030 04:05:06 GMT` (RFC 9110 §5.6.7).
    var httpDate: String {
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return "\(weekdays[weekday]), \(two(day)) \(months[month - 1]) \(year) \(clock) GMT"
    }

    /// `2030-02-03 04:05:06Z`, with a space, as in Microsoft's error bodies.
    var entraText: String { "\(year)-\(two(month))-\(two(day)) \(clock)Z" }

    /// `2030-02-03T04:05:06`, as in Graph's error bodies.
    var graphText: String { "\(year)-\(two(month))-\(two(day))T\(clock)" }

    private var clock: String { "\(two(hour)):\(two(minute)):\(two(second))" }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    private static func modulo(_ value: Int, _ divisor: Int) -> Int {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
