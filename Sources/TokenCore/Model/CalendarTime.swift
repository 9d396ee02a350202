/// A date and time of day as people write them, and the arithmetic between that and seconds since
/// 1970. Proleptic Gregorian, as in ISO 8601; no zone of its own.

public import FoundationEssentials

public struct CalendarTime: Equatable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    public init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The calendar time of an instant in UTC.
    public init(utcSeconds seconds: Int64) {
        let days = seconds.floorDivided(by: 86_400)
        let rest = Int(seconds - days * 86_400)
        // Days since 1970-01-01 to a civil date, counted in eras of 400 years from March 1st.
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
            day: Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1), hour: rest / 3600,
            minute: rest % 3600 / 60, second: rest % 60)
    }

    /// Seconds since 1970 when the time is taken as UTC.
    public var utcSeconds: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    public var utc: Date { Date(timeIntervalSince1970: Double(utcSeconds)) }

    /// Whether such a day and time exist: no month 13, no February 30th, no hour 24.
    public var isValid: Bool {
        (-9999...9999).contains(year) && (1...12).contains(month) && (1...31).contains(day)
            && (0...23).contains(hour)
            && (0...59).contains(minute) && (0...59).contains(second)
            && CalendarTime(utcSeconds: utcSeconds) == self
    }
}

extension Int64 {
    func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension Date {
    /// `2026-11-22T12:00:00Z` (RFC 3339), whole seconds, rounded down.
    public var rfc3339: String {
        CalendarTime(utcSeconds: wholeSeconds).text(separator: "T") + "Z"
    }

    /// Seconds since 1970, rounded down.
    public var wholeSeconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }
}

extension CalendarTime {
    /// `2026-11-22 12:00:00`, with the separator between date and time.
    public func text(separator: Character) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        Self.append(year, width: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(day, width: 2, to: &bytes)
        bytes.append(contentsOf: separator.utf8)
        Self.append(hour, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(minute, width: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second, width: 2, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ number: Int, width: Int, to bytes: inout [UInt8]) {
        // Without a text of its own for each number: every refresh writes two times.
        if width == 2, 0..<100 ~= number {
            bytes.append(UInt8(ascii: "0") + UInt8(number / 10))
            bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
            return
        }
        let digits = String(number).utf8
        bytes.append(
            contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count)))
        bytes.append(contentsOf: digits)
    }
}
