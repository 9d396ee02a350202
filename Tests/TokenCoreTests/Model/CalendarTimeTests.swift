import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct CalendarTimeTests {
    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (-1, "1969-12-31 23:59:59"), (86_399, "1970-01-01 23:59:59"),
        (951_782_400, "2000-02-29 00:00:00"), (1_000_000_000, "2001-09-09 01:46:40"),
        (1_709_164_800, "2024-02-29 00:00:00"), (1_795_348_800, "2026-11-22 12:00:00"),
        (2_147_483_648, "2038-01-19 03:14:08"), (4_107_542_400, "2100-03-01 00:00:00"),
        (4_107_542_399, "2100-02-28 23:59:59"), (-2_203_891_200, "1900-03-01 00:00:00"),
        (-62_135_596_800, "0001-01-01 00:00:00"), (-62_135_596_801, "0000-12-31 23:59:59"),
        (253_402_300_799, "9999-12-31 23:59:59"), (-12_219_292_800, "1582-10-15 00:00:00"),
        (-11_644_473_600, "1601-01-01 00:00:00"),
    ])
    func `known instants have their known dates`(seconds: Int64, text: String) {
        let time = CalendarTime(utcSeconds: seconds)
        #expect(time.text(separator: " ") == text)
        #expect(time.utcSeconds == seconds)
        #expect(time.isValid)
        #expect(time.utc == Date(timeIntervalSince1970: Double(seconds)))
    }

    @Test func `every day of 800 years follows the one before`() {
        var last = CalendarTime(utcSeconds: -12_622_780_800)
        for day in 1...292_194 {
            let next = CalendarTime(utcSeconds: -12_622_780_800 + Int64(day) * 86_400)
            let follows =
                next.day == last.day + 1 && next.month == last.month && next.year == last.year
                || next.day == 1 && last.day >= 28
                    && (next.month == last.month + 1 && next.year == last.year
                        || next.month == 1 && last.month == 12 && next.year == last.year + 1)
            if !follows || !next.isValid { Issue.record("\(last) then \(next)") }
            last = next
        }
        #expect(last.year == 2370)
    }

    @Test(arguments: [
        (2026, 2, 29), (2100, 2, 29), (2026, 2, 30), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1),
        (2026, 1, 0), (2026, 1, 32), (2026, 12, 32), (2026, -1, 1),
    ])
    func `a day that does not exist is not valid`(year: Int, month: Int, day: Int) {
        #expect(
            !CalendarTime(year: year, month: month, day: day, hour: 0, minute: 0, second: 0).isValid
        )
    }

    @Test(arguments: [(24, 0, 0), (-1, 0, 0), (0, 60, 0), (0, -1, 0), (0, 0, 60), (0, 0, -1)])
    func `a time of day that does not exist is not valid`(hour: Int, minute: Int, second: Int) {
        #expect(
            !CalendarTime(year: 2026, month: 1, day: 1, hour: hour, minute: minute, second: second)
                .isValid)
    }

    @Test(arguments: [2000, 2024, 2028, 2400, 4])
    func `leap years have their day`(_ year: Int) {
        #expect(CalendarTime(year: year, month: 2, day: 29, hour: 0, minute: 0, second: 0).isValid)
    }

    @Test(arguments: [(1.9, "1970-01-01T00:00:01Z"), (-0.1, "1969-12-31T23:59:59Z")])
    func `fractions are rounded down, before 1970 too`(seconds: Double, text: String) {
        #expect(Date(timeIntervalSince1970: seconds).rfc3339 == text)
    }
}
