/// Which parts of the index on `expires_at` hold what is due at a horizon. Pure.
///
/// One table may mix the forms, and SQLite sorts NULL before numbers before texts, and texts byte by
/// byte: on one day all `2026-11-22 …` come before all `2026-11-22T…`. Each family of forms therefore
/// gets its own ranges, each sorted by time, and nothing outside the due range is read for numbers,
/// naive texts and `Z` texts. Texts with other offsets may lie up to 14 hours ahead of their time or
/// behind it; the index alone finds them.

internal import FoundationEssentials

struct DueRanges: Equatable {
    /// The families of texts are disjoint: a row is met once.
    enum Family: Equatable, CaseIterable {
        case seconds
        case milliseconds
        /// `2026-11-22 12:00:00`
        case naive
        /// `2026-11-22T12:00:00`
        case naiveLettered
        /// `2026-11-22T12:00:00Z`
        case utc
        /// `2026-11-22T17:00:00+05:00`, not where its time belongs
        case displaced
        /// `2026-11-22 17:00:00+05:00`, `2026-11-22 12:00:00Z`
        case displacedSpaced
        /// Digits in a text, and what can't be read.
        case odd
    }

    /// Values above `lower` and up to `upper`, which is included. A lower bound of `.null` stands for
    /// NULL itself, which no comparison finds.
    struct Range: Equatable {
        let lower: SQLiteValue
        var includesLower = false
        let upper: SQLiteValue
        /// Whether it reaches past the horizon: what can't be read there is not met yet.
        var reachesAhead = false

        fileprivate var reachingAhead: Range {
            Range(lower: lower, includesLower: includesLower, upper: upper, reachesAhead: true)
        }

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
        let first = utc.utcSeconds < local.utcSeconds ? utc : local
        let firstDay = Self.day(first)

        var unreadable = [
            Range.null,
            Range(lower: .text(""), includesLower: true, upper: .text("0001-01-01")),
            Range(lower: .text("9999-12-31T23:59:60"), upper: .blob([0xFF, 0xFF, 0xFF, 0xFF])),
        ]
        if keepsNumbers {
            unreadable.append(Range(lower: .integer(.min), upper: .integer(0)))
            let lastSeconds = ExpiresAt.firstMilliseconds - 1
            ranges[.seconds] = [
                Range(
                    lower: .integer(0),
                    upper: .real(min(horizon.timeIntervalSince1970, lastSeconds)))
            ]
            ranges[.milliseconds] = [
                Range(lower: .real(lastSeconds), upper: .real(horizon.timeIntervalSince1970 * 1000))
            ]
        }
        let past = Range(lower: .text("0001-01-01"), upper: .text(firstDay))
        ranges[.naive] = [past] + Self.ranges(from: first, to: local, separators: " ")
        ranges[.naiveLettered] = [past] + Self.ranges(from: first, to: local, separators: "Tt")
        ranges[.utc] = [past] + Self.ranges(from: first, to: utc, separators: "Tt")
        ranges[.displaced] =
            [past] + Self.ranges(from: first, to: farthest, separators: "Tt").map(\.reachingAhead)
        ranges[.displacedSpaced] =
            [past] + Self.ranges(from: first, to: farthest, separators: " ").map(\.reachingAhead)
        // In June 2034 the digits of a time begin to sort after its date.
        let digits = max(firstDay, String(seconds * 1000 + 999))
        ranges[.odd] =
            unreadable + [
                past, Range(lower: .text(firstDay), upper: .text(digits)),
            ]
    }

    /// The times of each day up to `last`, with its fractions and its `Z`, for each separator.
    private static func ranges(
        from first: CalendarTime, to last: CalendarTime, separators: String
    ) -> [Range] {
        let lastDay = day(last)
        let days = stride(from: first.utcSeconds, to: last.utcSeconds, by: 86_400)
            .map { day(CalendarTime(utcSeconds: $0)) }
        return (days.filter { $0 != lastDay } + [lastDay]).flatMap { day in
            separators.map { separator in
                let end = day == lastDay ? last.text(separator: separator) : "\(day)\(separator)"
                return Range(lower: .text("\(day)\(separator)"), upper: .text("\(end)\u{7F}"))
            }
        }
    }

    /// The latest local time shown by the zone's clocks up to an instant: when they were put back
    /// within the last hours, times that look later have passed already.
    private static func latestLocalTime(upTo seconds: Int64, zone: LocalTime) -> CalendarTime {
        let now = zone.calendar(ofSeconds: seconds)
        let earlier = zone.calendar(ofSeconds: seconds - 3 * 3600)
        let putBack = max(0, earlier.utcSeconds + 3 * 3600 - now.utcSeconds)
        return CalendarTime(utcSeconds: now.utcSeconds + putBack)
    }

    private static func day(_ time: CalendarTime) -> String {
        String(time.text(separator: " ").prefix(10))
    }
}
