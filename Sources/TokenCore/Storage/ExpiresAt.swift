/// The forms in which applications write a time: what was read is written back in the same form, down
/// to the fraction's digits and the offset.

internal import FoundationEssentials

struct ExpiresAt: Equatable {
    let date: Date
    let form: Form

    enum Form: Equatable {
        /// Unix seconds or milliseconds (from 10^11 on), as a number or as digits in a text.
        case unix(Unit, Storage)
        /// `2026-11-22 12:00:00`, with `T` or a space, fraction digits, and how the zone is said.
        case calendar(separator: Character, fractionDigits: Int, zone: Zone)
    }

    enum Unit: Equatable {
        case seconds
        case milliseconds
        var perSecond: Double { self == .seconds ? 1 : 1000 }
    }

    enum Storage: Equatable {
        case integer
        case real
        case text
    }

    enum Zone: Equatable {
        /// No zone: the table's own.
        case naive
        /// `Z`, as it was written.
        case utc(String)
        /// `+05:30`, as it was written, and its seconds east of Greenwich.
        case offset(String, seconds: Int64)
    }

    /// From here on a number counts milliseconds: 5138 AD in seconds, 1973 in milliseconds.
    static let firstMilliseconds = 1e11
}

extension ExpiresAt {
    /// - Returns: nil for what can't be read: NULL, empty, words, a date that does not exist.
    init?(_ value: SQLiteValue, zone: LocalTime) {
        switch value {
        case .integer(let number): self.init(number: Double(number), storage: .integer)
        case .real(let number): self.init(number: number, storage: .real)
        case .text(let text):
            if let number = Self.digits(text) {
                self.init(number: number, storage: .text)
            } else {
                self.init(calendarText: text, zone: zone)
            }
        case .null, .unreadableText, .blob: return nil
        }
    }

    private init?(number: Double, storage: Storage) {
        let unit: Unit = number >= Self.firstMilliseconds ? .milliseconds : .seconds
        let seconds = number / unit.perSecond
        // Up to the year 9999; zero and less are long past, as some programs write "refresh now".
        guard seconds > -62_135_596_800, seconds < 253_402_300_800 else { return nil }
        self.init(date: Date(timeIntervalSince1970: seconds), form: .unix(unit, storage))
    }

    private static func digits(_ text: String) -> Double? {
        guard (1...17).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Double(text)
    }

    private init?(calendarText text: String, zone: LocalTime) {
        guard let read = ByteScanner.scan(text, { Self.calendar(&$0, zone: zone) })
        else { return nil }
        self = read
    }

    private static func calendar(_ scanner: inout ByteScanner, zone: LocalTime) -> ExpiresAt? {
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), let separator = scanner.takeAny(of: " Tt"),
            let hour = scanner.number(digits: 2), scanner.take(":"),
            let minute = scanner.number(digits: 2), scanner.take(":"),
            let second = scanner.number(digits: 2)
        else { return nil }
        let time = CalendarTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        guard year >= 1, time.isValid, let fraction = scanner.fraction(),
            let said = Self.zone(&scanner)
        else { return nil }
        let seconds =
            switch said {
            case .naive: zone.seconds(of: time)
            case .utc: time.utcSeconds
            case .offset(_, let seconds): time.utcSeconds - seconds
            }
        return ExpiresAt(
            date: Date(timeIntervalSince1970: Double(seconds) + fraction.value),
            form: .calendar(separator: separator, fractionDigits: fraction.digits, zone: said))
    }

    /// Reads `Z`, `+05:30`, `+0530`, `+05`, or nothing.
    private static func zone(_ scanner: inout ByteScanner) -> Zone? {
        if scanner.isAtEnd { return .naive }
        let text = scanner.rest
        if text == "Z" || text == "z" { return .utc(text) }
        guard let sign = scanner.takeAny(of: "+-"), let hours = scanner.number(digits: 2),
            hours <= 23
        else { return nil }
        var minutes = 0
        if !scanner.isAtEnd {
            _ = scanner.take(":")
            guard let number = scanner.number(digits: 2), number <= 59, scanner.isAtEnd
            else { return nil }
            minutes = number
        }
        let east = Int64(hours * 3600 + minutes * 60)
        return .offset(text, seconds: sign == "-" ? -east : east)
    }

    /// Another instant, written as this one was.
    func value(for date: Date, zone: LocalTime) -> SQLiteValue {
        let seconds = date.wholeSeconds
        switch form {
        case .unix(let unit, let storage):
            let number = seconds * Int64(unit.perSecond)
            return switch storage {
            case .integer: .integer(number)
            case .real: .real(Double(number))
            case .text: .text(String(number))
            }
        case .calendar(let separator, let fractionDigits, let said):
            let (time, suffix) =
                switch said {
                case .naive: (zone.calendar(ofSeconds: seconds), "")
                case .utc(let text): (CalendarTime(utcSeconds: seconds), text)
                case .offset(let text, let east): (CalendarTime(utcSeconds: seconds + east), text)
                }
            var text = time.text(separator: separator)
            if fractionDigits > 0 { text += "." + String(repeating: "0", count: fractionDigits) }
            text += suffix
            return .text(text)
        }
    }
}
