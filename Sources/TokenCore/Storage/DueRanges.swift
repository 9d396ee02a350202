/// Which parts of the index on `expires_at` hold what is due at a horizon. Pure.
///
/// One table may mix the forms, and SQLite sorts NULL before numbers before texts, and texts byte by
/// byte: on one day all `2026-11-22 …` come before all `2026-11-22T…`. Each family of forms therefore
/// gets its own ranges, each sorted by time, and nothing outside the due range is read for numbers,
/// naive texts and `Z` texts. Texts with other offsets may lie up to 14 hours ahead of their time;
/// the index alone finds them.

internal import FoundationEssentials

struct DueRanges: Equatable {
    enum Family: Equatable, CaseIterable {
        case seconds
        case milliseconds
        /// `2026-11-22 12:00:00`
        case spaced
        /// `2026-11-22T12:00:00Z`
        case lettered
        /// `2026-11-22T17:00:00+05:00`, ahead of its time in the index
        case ahead
        /// Digits in a text, and what can't be read.
        case odd
    }

    /// Values above `lower` and up to `upper`, which is included. A lower bound of `.null` stands for
    /// NULL itself, which no comparison finds.
    struct Range: Equatable {
        let lower: SQLiteValue
        var includesLower = false
        let upper: SQLiteValue

        static let null = Range(lower: .null, includesLower: true, upper: .null)
    }

    private(set) var ranges: [Family: [Range]] = [:]

    /// - Parameters:
    ///   - horizon: What expires up to then is due.
    ///   - keepsNumbers: Whether the column can hold numbers at all.
    init(horizon: Date, zone: LocalTime, keepsNumbers: Bool) {
        let seconds = horizon.wholeSeconds
        let utc = CalendarTime(utcSeconds: seconds)
        let local = Self.latestLocalTime(upTo: seconds, zone: zone)
        let farthest = CalendarTime(utcSeconds: seconds + 15 * 3600)
        let (utcDay, localDay, farthestDay) = (Self.day(utc), Self.day(local), Self.day(farthest))
        let firstDay = min(utcDay, localDay)

        var unreadable = [
            Range.null,
            Range(lower: .text(""), includesLower: true, upper: .text("0001-01-01")),
            Range(lower: .text("9999-12-31T23:59:60"), upper: .blob([0xFF, 0xFF, 0xFF, 0xFF])),
        ]
        if keepsNumbers {
            unreadable.append(Range(lower: .integer(.min), upper: .integer(0)))
            ranges[.seconds] = [
                Range(lower: .integer(0), upper: .integer(min(seconds, Int64(ExpiresAt.firstMilliseconds) - 1)))
            ]
            ranges[.milliseconds] = [
                Range(
                    lower: .integer(Int64(ExpiresAt.firstMilliseconds) - 1),
                    upper: .integer(seconds * 1000 + 999))
            ]
        }
        let past = Range(lower: .text("0001-01-01"), upper: .text(firstDay))
        ranges[.spaced] = [past] + Self.days(firstDay, localDay).map { day in
            Range(
                lower: .text("\(day) "),
                upper: .text(day == localDay ? local.text(separator: " ") : "\(day) \u{7F}"))
        }
        ranges[.lettered] = [past] + Self.days(firstDay, utcDay).map { day in
            Range(
                lower: .text("\(day)T"),
                upper: .text(day == utcDay ? utc.text(separator: "T") + "Z" : "\(day)T\u{7F}"))
        }
        ranges[.ahead] = Self.days(utcDay, farthestDay).map { day in
            Range(
                lower: .text(day == utcDay ? utc.text(separator: "T") + "Z" : "\(day)T"),
                upper: .text(day == farthestDay ? farthest.text(separator: "T") + "\u{7F}" : "\(day)T\u{7F}"))
        }
        ranges[.odd] = unreadable + [
            past, Range(lower: .text(firstDay), includesLower: true, upper: .text(firstDay)),
        ]
    }

    /// The latest local time shown by the zone's clocks up to an instant: when they were put back
    /// within the last hours, times that look later have passed already.
    private static func latestLocalTime(upTo seconds: Int64, zone: LocalTime) -> CalendarTime {
        let now = zone.calendar(ofSeconds: seconds)
        let earlier = zone.calendar(ofSeconds: seconds - 3 * 3600)
        let putBack = max(0, earlier.utcSeconds + 3 * 3600 - now.utcSeconds)
        return CalendarTime(utcSeconds: now.utcSeconds + putBack)
    }

    /// Two days that are the same or follow each other, without the repetition.
    private static func days(_ first: String, _ last: String) -> [String] {
        first == last ? [first] : [first, last]
    }

    private static func day(_ time: CalendarTime) -> String {
        String(time.text(separator: " ").prefix(10))
    }
}
