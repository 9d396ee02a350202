import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct ExpiresAtTests {
    static let berlin = LocalTime.named("Europe/Berlin")
    static let newYork = LocalTime.named("America/New_York")

    /// What is stored, the time that it says in UTC, and how an hour later is written.
    static let forms: [(stored: SQLiteValue, utc: String, later: SQLiteValue)] = [
        ("2026-11-22 12:00:00", "2026-11-22 12:00:00", "2026-11-22 13:00:00"),
        ("2026-11-22T12:00:00", "2026-11-22 12:00:00", "2026-11-22T13:00:00"),
        ("2026-11-22t12:00:00", "2026-11-22 12:00:00", "2026-11-22t13:00:00"),
        ("2026-11-22 23:30:00", "2026-11-22 23:30:00", "2026-11-23 00:30:00"),
        ("2026-12-31 23:59:59", "2026-12-31 23:59:59", "2027-01-01 00:59:59"),
        ("2026-11-22T12:00:00Z", "2026-11-22 12:00:00", "2026-11-22T13:00:00Z"),
        ("2026-11-22T12:00:00z", "2026-11-22 12:00:00", "2026-11-22T13:00:00z"),
        ("2026-11-22 12:00:00Z", "2026-11-22 12:00:00", "2026-11-22 13:00:00Z"),
        ("2026-11-22T12:00:00.0Z", "2026-11-22 12:00:00", "2026-11-22T13:00:00.0Z"),
        ("2026-11-22T12:00:00.000Z", "2026-11-22 12:00:00", "2026-11-22T13:00:00.000Z"),
        ("2026-11-22 12:00:00.000000", "2026-11-22 12:00:00", "2026-11-22 13:00:00.000000"),
        ("2026-11-22T12:00:00.0000000Z", "2026-11-22 12:00:00", "2026-11-22T13:00:00.0000000Z"),
        ("2026-11-22T12:00:00+01:00", "2026-11-22 11:00:00", "2026-11-22T13:00:00+01:00"),
        ("2026-11-22T12:00:00+05:30", "2026-11-22 06:30:00", "2026-11-22T13:00:00+05:30"),
        ("2026-11-22T12:00:00-08:00", "2026-11-22 20:00:00", "2026-11-22T13:00:00-08:00"),
        ("2026-11-22T00:30:00+14:00", "2026-11-21 10:30:00", "2026-11-22T01:30:00+14:00"),
        ("2026-11-22T12:00:00+0530", "2026-11-22 06:30:00", "2026-11-22T13:00:00+0530"),
        ("2026-11-22T12:00:00-03", "2026-11-22 15:00:00", "2026-11-22T13:00:00-03"),
        ("2026-11-22T12:00:00+00:00", "2026-11-22 12:00:00", "2026-11-22T13:00:00+00:00"),
        ("2026-11-22T12:00:00-00:00", "2026-11-22 12:00:00", "2026-11-22T13:00:00-00:00"),
        ("2026-11-22 12:00:00+00", "2026-11-22 12:00:00", "2026-11-22 13:00:00+00"),
        ("2026-11-22 12:00:00.00+05:30", "2026-11-22 06:30:00", "2026-11-22 13:00:00.00+05:30"),
        (1_795_348_800, "2026-11-22 12:00:00", 1_795_352_400),
        (1_795_348_800.0, "2026-11-22 12:00:00", 1_795_352_400.0),
        (1_795_348_800_000, "2026-11-22 12:00:00", 1_795_352_400_000),
        (1_795_348_800_000.0, "2026-11-22 12:00:00", 1_795_352_400_000.0),
        ("1795348800", "2026-11-22 12:00:00", "1795352400"),
        ("1795348800000", "2026-11-22 12:00:00", "1795352400000"),
        (1, "1970-01-01 00:00:01", 3601),
        (99_999_999_999, "5138-11-16 09:46:39", 100_000_003_599),
        ("2024-02-29 12:00:00", "2024-02-29 12:00:00", "2024-02-29 13:00:00"),
        ("0001-01-01 00:00:00", "0001-01-01 00:00:00", "0001-01-01 01:00:00"),
        ("9999-12-31 22:59:59", "9999-12-31 22:59:59", "9999-12-31 23:59:59"),
    ]

    @Test(arguments: forms)
    func `every form is understood and written back as it was`(
        stored: SQLiteValue, utc: String, later: SQLiteValue
    ) throws {
        let read = try #require(ExpiresAt(stored, zone: .utc))
        #expect(CalendarTime(utcSeconds: read.date.wholeSeconds).text(separator: " ") == utc)
        #expect(read.value(for: read.date, zone: .utc) == stored)
        #expect(read.value(for: read.date + 3600, zone: .utc) == later)
    }

    @Test(arguments: [
        SQLiteValue.null, "", " ", "0000-00-00 00:00:00", "0000-00-00", "never", "NULL", "N/A",
        "2026-11-22", "2026-11-22 ", "2026-11-22 12", "2026-11-22 12:00", "2026-11-22T12:00Z",
        "2026-02-30 12:00:00", "2026-02-29 12:00:00", "2026-13-01 12:00:00", "2026-00-01 12:00:00",
        "2026-11-00 12:00:00", "2026-11-31 12:00:00", "2026-11-22 24:00:00", "2026-11-22 12:60:00",
        "2026-11-22 12:00:60", "2026-11-22 -1:00:00", "2026-11-22 12:00:00.",
        "2026-11-22 12:00:00.Z",
        "2026-11-22 12:00:00,5", "2026-11-22 12:00:00 Z", "2026-11-22 12:00:00 UTC",
        "2026-11-22 12:00:00+", "2026-11-22 12:00:00+1", "2026-11-22 12:00:00+1:00",
        "2026-11-22 12:00:00+24:00", "2026-11-22 12:00:00+01:60", "2026-11-22 12:00:00+01:0",
        "2026-11-22 12:00:00+01:00x", "2026-11-22 12:00:00ZZ", "2026-11-22 12:00:00\0",
        "2026-11-22_12:00:00", "2026/11/22 12:00:00", "22.11.2026 12:00:00", "26-11-22 12:00:00",
        " 2026-11-22 12:00:00", "2026-11-22 12:00:00 ", "2026-11-22 12:00:00\n",
        "12026-11-22 12:00:00", "0000-01-01 00:00:00", "+2026-11-22 12:00:00",
        "２０２６-11-22 12:00:00", "2026-11-22 12:00:00Z\u{301}", "2026-11-22 \u{301}12:00:00",
        "-1", "+1795348800", "1795348800.5", "0x6B0B", "1e9", "999999999999999999",
        253_402_300_800_000, .integer(.max), .integer(.min), .real(.infinity),
        .real(-.infinity), .real(1e300), .blob(Array("2026-11-22 12:00:00".utf8)), .blob([]),
    ])
    func `what is no time can't be read`(_ value: SQLiteValue) {
        #expect(ExpiresAt(value, zone: .utc) == nil)
        #expect(ExpiresAt(value, zone: Self.berlin) == nil)
    }

    /// Zero, and less: applications write it to have a token refreshed at once.
    @Test(arguments: [SQLiteValue.integer(0), 0.0, "0", "00000", .integer(-1), -1.5])
    func `zero and less are long past`(_ value: SQLiteValue) throws {
        let read = try #require(ExpiresAt(value, zone: .utc))
        #expect(read.date <= Date(timeIntervalSince1970: 0))
    }

    @Test(arguments: [
        ("2026-11-22 12:00:00.5", 0.5), ("2026-11-22T12:00:00.25Z", 0.25),
        ("2026-11-22 12:00:00.999999999", 0.999999999),
        ("2026-11-22 12:00:00.\(String(repeating: "9", count: 400))", 1.0),
    ])
    func `a fraction counts and is written as zeros`(text: String, fraction: Double) throws {
        let read = try #require(ExpiresAt(.text(text), zone: .utc))
        #expect(abs(read.date.timeIntervalSince1970 - 1_795_348_800 - fraction) < 1e-6)
        let written = try #require(
            ExpiresAt(read.value(for: Date("2027-01-01T00:00:00"), zone: .utc), zone: .utc))
        #expect(written.date == Date("2027-01-01T00:00:00"))
        #expect(written.form == read.form)
    }

    @Test(arguments: [
        (1_795_348_800.75, 0.75), (1_795_348_800_250.0, 0.25),
    ])
    func `a real number keeps its fraction`(number: Double, fraction: Double) throws {
        let read = try #require(ExpiresAt(.real(number), zone: .utc))
        #expect(read.date.timeIntervalSince1970 == 1_795_348_800 + fraction)
        #expect(read.value(for: read.date + 1, zone: .utc).words.hasSuffix(".0"))
    }

    @Test(arguments: [
        // Winter and summer.
        ("2026-11-22 13:00:00", berlin, "2026-11-22T12:00:00Z"),
        ("2026-07-01 14:00:00", berlin, "2026-07-01T12:00:00Z"),
        ("2026-11-22T07:00:00", newYork, "2026-11-22T12:00:00Z"),
        ("2026-07-01 08:00:00.000", newYork, "2026-07-01T12:00:00Z"),
        // Around the turn of the year.
        ("2027-01-01 00:30:00", berlin, "2026-12-31T23:30:00Z"),
        ("2026-12-31 23:30:00", newYork, "2027-01-01T04:30:00Z"),
        ("2026-11-23 01:45:00", .named("Pacific/Auckland"), "2026-11-22T12:45:00Z"),
        ("2026-11-22 17:45:00", .named("Asia/Kathmandu"), "2026-11-22T12:00:00Z"),
        ("2026-11-22 12:00:00", .named("UTC"), "2026-11-22T12:00:00Z"),
    ])
    func `a naive time is the zone's and comes back as it was`(
        text: String, zone: LocalTime, utc: String
    ) throws {
        let read = try #require(ExpiresAt(.text(text), zone: zone))
        #expect(read.date.rfc3339 == utc)
        #expect(read.value(for: read.date, zone: zone) == .text(text))
    }

    @Test(arguments: [
        "2026-11-22T12:00:00Z", "2026-11-22T14:00:00+02:00",
    ])
    func `a time with a zone of its own does not depend on the table's`(_ text: String) throws {
        let read = try #require(ExpiresAt(.text(text), zone: Self.newYork))
        #expect(read.date.rfc3339 == "2026-11-22T12:00:00Z")
        #expect(read.value(for: read.date, zone: Self.newYork) == .text(text))
    }

    @Test(arguments: [
        (berlin, "2026-10-25 02:00:00", "2026-10-25T00:00:00Z"),
        (berlin, "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
        (berlin, "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"),
        (berlin, "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
        (berlin, "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
        (newYork, "2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
        (newYork, "2026-11-01 02:00:00", "2026-11-01T07:00:00Z"),
        (.named("Australia/Lord_Howe"), "2026-04-05 01:45:00", "2026-04-04T14:45:00Z"),
    ])
    func `of an ambiguous hour the earlier is taken`(
        zone: LocalTime, local: String, utc: String
    ) throws {
        // glibc remembers the offset it met last; neither season may tip the balance.
        for warmUp in ["2026-07-01 12:00:00", "2026-12-24 12:00:00"] {
            _ = ExpiresAt(.text(warmUp), zone: zone)
            #expect(try #require(ExpiresAt(.text(local), zone: zone)).date.rfc3339 == utc)
        }
    }

    @Test(arguments: [
        (berlin, "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
        (berlin, "2026-03-29 02:00:00", "2026-03-29T01:00:00Z"),
        (berlin, "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
        (berlin, "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"),
        (newYork, "2026-03-08 02:30:00", "2026-03-08T07:30:00Z"),
    ])
    func `a time that the clock skipped is taken as if it had not`(
        zone: LocalTime, local: String, utc: String
    ) throws {
        for warmUp in ["2026-07-01 12:00:00", "2026-12-24 12:00:00"] {
            _ = ExpiresAt(.text(warmUp), zone: zone)
            #expect(try #require(ExpiresAt(.text(local), zone: zone)).date.rfc3339 == utc)
        }
    }

    @Test func `new times around a change of clocks are written in local time`() throws {
        let naive = try #require(ExpiresAt("2026-01-01 00:00:00", zone: Self.berlin))
        let texts = [
            "2026-03-29T00:59:59": "2026-03-29 01:59:59",
            "2026-03-29T01:00:00": "2026-03-29 03:00:00",
            "2026-10-25T00:30:00": "2026-10-25 02:30:00",
            "2026-10-25T01:30:00": "2026-10-25 02:30:00",
        ]
        for (utc, local) in texts {
            #expect(naive.value(for: Date(utc), zone: Self.berlin) == .text(local))
        }
    }
}
