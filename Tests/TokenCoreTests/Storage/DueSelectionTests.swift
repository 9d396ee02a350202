import FoundationEssentials
import Testing

@testable import TokenCore

@Suite struct DueSelectionTests {
    static let noon = Date("2026-11-22T12:00:00")
    static let berlin = LocalTime.named("Europe/Berlin")
    static let newYork = LocalTime.named("America/New_York")

    /// `n` seconds from noon in every form; the column takes what it can.
    static func forms(_ date: Date) -> [SQLiteValue] {
        let utc = CalendarTime(utcSeconds: date.wholeSeconds)
        func at(_ offset: Int64, _ separator: Character, _ rest: String) -> SQLiteValue {
            .text(
                CalendarTime(utcSeconds: date.wholeSeconds + offset).text(separator: separator)
                    + rest)
        }
        return [
            .text(utc.text(separator: " ")), .text(utc.text(separator: "T")),
            at(0, "T", "Z"), at(0, "t", "z"), at(0, " ", "Z"), at(0, "T", ".000Z"),
            at(0, " ", ".0"),
            at(5 * 3600, "T", "+05:00"), at(5 * 3600, " ", "+05:00"), at(14 * 3600, "T", "+1400"),
            at(14 * 3600, " ", "+14"), at(-8 * 3600, "T", "-08:00"),
            at(-12 * 3600, " ", ".00-1200"),
            at(0, " ", "+00:00"), at(0, "T", "+00"),
            .integer(date.wholeSeconds), .real(Double(date.wholeSeconds)),
            .integer(date.wholeSeconds * 1000), .text(String(date.wholeSeconds)),
            .text(String(date.wholeSeconds * 1000)),
        ]
    }

    @Test(
        arguments: ["DATETIME", "TEXT", "VARCHAR(30)", "INTEGER", "", "REAL", "TIMESTAMP"],
        [true, false])
    func `every form is due at its second and not before, whatever the column's type`(
        type: String, indexed: Bool
    ) async throws {
        let database = try ScratchDatabase(expiresAt: type, indexed: indexed)
        // A text column makes a text with a decimal point of a real number, and that is no form.
        let takesReals = !type.contains("TEXT") && !type.contains("CHAR")
        let forms = Self.forms(Self.noon).filter { if case .real = $0 { takesReals } else { true } }
        for (number, form) in forms.enumerated() {
            try database.enrol(.integer(Int64(number)), expires: form)
        }
        let store = try database.store()
        let all = Set(forms.indices.map(String.init))
        for (horizon, isDue) in [
            (Self.noon - 86_400, false), (Self.noon - 43_200, false), (Self.noon - 1, false),
            (Self.noon - 0.25, false), (Self.noon, true), (Self.noon + 0.25, true),
            (Self.noon + 1, true), (Self.noon + 43_200, true), (Self.noon + 86_400, true),
            (Self.noon + 9e8, true),
        ] {
            let due = try await store.due(horizon)
            #expect(Set(due) == (isDue ? all : []), "\(type) \(horizon)")
            #expect(due.count == Set(due).count)
            #expect(try await store.countDue(horizon: horizon) == due.count)
        }
    }

    /// Horizons around midnight here and there, and zones on both sides of Greenwich.
    @Test(arguments: [
        LocalTime.utc, berlin, newYork, .named("Pacific/Auckland"), .named("Pacific/Kiritimati"),
        .named("Pacific/Pago_Pago"), .named("Asia/Kathmandu"),
    ])
    func `zones ahead of UTC and behind it meet their rows at the right second`(
        zone: LocalTime
    ) async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME")
        let start = Date("2026-11-21T20:00:00")
        var times: [String: Date] = [:]
        // Forty hours, a row each 25 minutes in turn in each form.
        for number in 0..<96 {
            let date = start + Double(number) * 1500
            let local = zone.calendar(ofSeconds: date.wholeSeconds)
            let naive: [SQLiteValue] = [
                .text(local.text(separator: " ")), .text(local.text(separator: "T")),
            ]
            let forms =
                naive
                + Self.forms(date).dropFirst(2).filter {
                    if case .text(let text) = $0 { !text.hasSuffix(".0") } else { true }
                }
            try database.enrol(.integer(Int64(number)), expires: forms[number % forms.count])
            times[String(number)] = date
        }
        let store = try database.store(zone: zone)
        for step in stride(from: 0.0, through: 42 * 3600, by: 1800) {
            let horizon = start + step
            let expected = Set(times.filter { $0.value <= horizon }.keys)
            #expect(Set(try await store.due(horizon)) == expected, "\(zone) \(horizon)")
        }
    }

    @Test func `the soonest come first, whatever their form`() async throws {
        let database = try ScratchDatabase(expiresAt: "")
        let forms: [(Date) -> SQLiteValue] = [
            { .text(CalendarTime(utcSeconds: $0.wholeSeconds).text(separator: " ")) },
            { .text(CalendarTime(utcSeconds: $0.wholeSeconds).text(separator: "T")) },
            { .text($0.rfc3339) }, { .integer($0.wholeSeconds) },
            { .integer($0.wholeSeconds * 1000) },
            { .real(Double($0.wholeSeconds)) }, { .text(String($0.wholeSeconds)) },
        ]
        let users = (0..<70).map { ($0 * 37) % 70 }
        for user in users {
            // Three days, so that past days and both sides of midnight are among them.
            let date = Self.noon - 72 * 3600 + Double(user) * 3600
            try database.enrol(.integer(Int64(user)), expires: forms[user % forms.count](date))
        }
        for page in [1, 7, 256] {
            #expect(
                try await database.store().due(Self.noon, page: page) == (0..<70).map(String.init))
        }
    }

    @Test(arguments: [
        (berlin, "2026-10-25T00:40:00", ["02:10", "02:40"], ["02:50"]),
        // After the clocks were put back, times that look later have passed.
        (berlin, "2026-10-25T01:10:00", ["02:10", "02:50"], ["03:05"]),
        (berlin, "2026-10-25T02:00:00", ["02:10", "03:00"], ["03:05"]),
        (newYork, "2026-11-01T06:05:00", ["01:10", "01:59"], ["02:05"]),
    ])
    func `in the hour that comes twice nothing is overlooked`(
        zone: LocalTime, horizon: String, due: [String], fresh: [String]
    ) async throws {
        let database = try ScratchDatabase()
        let day = horizon.prefix(10)
        for (number, time) in (due + fresh).enumerated() {
            try database.enrol(.integer(Int64(number)), expires: .text("\(day) \(time):00"))
        }
        let store = try database.store(zone: zone)
        #expect(try await store.due(Date(horizon)) == due.indices.map(String.init))
    }

    @Test(arguments: ["DATETIME", "TEXT", ""])
    func `what can't be read is met in the due range and reported`(type: String) async throws {
        let database = try ScratchDatabase(expiresAt: type)
        let unreadable: [SQLiteValue] = [
            .null, "", " ", "0000-00-00 00:00:00", "never", "soon", "2026-02-30 12:00:00",
            "2026-11-21", "2026-11-22", "2026-11-21 12:00", "2026-11-21T24:00:00Z",
            "2026-11-20 noon",
            "2026-11-20 12:00:00+99", "2026-11-20T12:00:00+01:00Z", "2026-11-20 12:00:00 Z",
            .blob([1, 2, 3]),
        ]
        for (number, value) in unreadable.enumerated() {
            try database.enrol(.integer(Int64(number)), expires: value)
        }
        // Not met yet: they lie behind the due range, wherever their time may be.
        for (number, value) in ["2026-11-30 noon", "2026-11-22 23:59:60", "2027-02-30 12:00:00Z"]
            .enumerated()
        {
            try database.enrol(.integer(Int64(100 + number)), expires: .text(value))
        }
        try database.enrol(7777, expires: "2026-11-22 11:59:00")
        let store = try database.store()
        let due = try await store.due(Self.noon)
        #expect(Set(due) == Set(unreadable.indices.map { "!\($0)" } + ["7777"]))
        #expect(due.count == unreadable.count + 1)
        #expect(try await store.countDue(horizon: Self.noon) == 1)
    }

    @Test func `text that is not UTF-8 stops nobody`() async throws {
        let database = try ScratchDatabase(expiresAt: "TEXT", userID: "")
        // More than a page of them, on both sides of the readable ones.
        try database.run(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            SELECT i, 'at', 'rt', CAST(X'FF' AS TEXT) FROM n
            """)
        try database.enrol(7777, expires: "2026-11-22 11:59:00")
        try database.run(
            """
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            VALUES (CAST(X'66FC72' AS TEXT), 'at', 'rt', '2026-11-22 11:58:00')
            """)
        let store = try database.store()
        let due = try await store.due(Self.noon)
        #expect(due.count == 2502)
        #expect(Set(due).count == 2502)
        #expect(due.contains("7777"))
        // Such a user can't be named in a message either.
        #expect(due.count { $0.hasPrefix("!") } == 2501)
    }

    @Test func `other providers are left alone, and rows without a refresh token are told apart`()
        async throws
    {
        let database = try ScratchDatabase()
        try database.enrol(1)
        try database.enrol(1, provider: "google")
        try database.enrol(2, provider: "Microsoft")
        try database.enrol(3, refreshToken: .null)
        try database.enrol(4, refreshToken: "")
        try database.enrol(5, expires: "2027-01-01 00:00:00", refreshToken: .null)
        let store = try database.store()
        #expect(Set(try await store.due(Self.noon)) == ["1", "-3", "-4"])
        let totals = try await store.totals()
        #expect(totals.connections == 4)
        #expect(totals.withoutRefreshToken == 3)
        #expect(try await database.store(provider: "google").due(Self.noon) == ["1"])
    }

    @Test(arguments: [true, false], [1, 100, 256])
    func `many equal times are met once each, over many pages`(
        indexed: Bool, page: Int
    ) async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", indexed: indexed)
        for (expires, first) in [
            ("'2026-11-22 11:00:00'", 0), ("'2026-11-22T11:00:00Z'", 10_000),
            ("1795340000", 20_000),
        ] {
            try database.run(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                SELECT i + \(first), 'at', 'rt', \(expires) FROM n
                """)
        }
        let due = try await database.store().due(Self.noon, page: page)
        #expect(due.count == 6300)
        #expect(Set(due).count == 6300)
    }

    @Test func `a full page exactly is no end, and no repetition`() async throws {
        for count in [1023, 1024, 1025, 2048] {
            let database = try ScratchDatabase()
            try database.run(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                SELECT i, 'at', 'rt', '2026-11-22 11:00:00' FROM n
                """)
            #expect(try await database.store().due(Self.noon).count == count)
        }
    }

    @Test func `rows that go, come or move while the pages are read harm nobody`() async throws {
        let database = try ScratchDatabase()
        try database.run(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            SELECT i, 'at', 'rt', strftime('%Y-%m-%d %H:%M:%S', 1795340000 + i, 'unixepoch') FROM n
            """)
        let store = try database.store()
        await store.selectDue(horizon: Self.noon)
        var met = try #require(await store.nextDue(10, at: Self.noon)).map(\.name)
        #expect(met == (1...10).map(String.init))
        // In the page that is held, in the pages to come, and the keyset's own row.
        try database.run("DELETE FROM oauth_tokens WHERE user_id IN (11, 500, 1024, 1025, 2000)")
        // Refreshed by somebody else: fresh, then due again only much later.
        try database.run(
            "UPDATE oauth_tokens SET expires_at = '2026-11-23 00:00:00' WHERE user_id IN (2500, 2501)"
        )
        try database.enrol(9000, expires: "2026-11-22 11:59:00")
        while let rows = try await store.nextDue(100, at: Self.noon) { met += rows.map(\.name) }
        let gone: Set = [11, 500, 1024, 1025, 2000, 2500, 2501]
        #expect(met == (1...3000).filter { !gone.contains($0) }.map(String.init) + ["9000"])
    }

    @Test func `no read transaction is open between the pages`() async throws {
        let database = try ScratchDatabase(journal: "DELETE")
        for user in 1...2000 { try database.enrol(.integer(Int64(user))) }
        let store = try database.store()
        await store.selectDue(horizon: Self.noon)
        _ = try await store.nextDue(10, at: Self.noon)
        // Would wait for the reader and fail: in a rollback journal a reader blocks every commit.
        try database.run("PRAGMA busy_timeout = 0")
        try database.run("UPDATE oauth_tokens SET access_token = 'at-app' WHERE user_id = 1")
        #expect(
            try database.value("SELECT access_token FROM oauth_tokens WHERE user_id = 1")
                == "at-app")
    }

    @Test func `a selection that is begun again starts at the soonest`() async throws {
        let database = try ScratchDatabase()
        for user in 1...20 { try database.enrol(.integer(Int64(user))) }
        let store = try database.store()
        await store.selectDue(horizon: Self.noon)
        _ = try await store.nextDue(7, at: Self.noon)
        #expect(try await store.due(Self.noon).count == 20)
        #expect(try await store.nextDue(7, at: Self.noon) == nil)
    }

    @Test func `a zone behind a space is found early where the application writes it`() async throws
    {
        let database = try ScratchDatabase()
        try database.run(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            SELECT i, 'at', 'rt',
              strftime('%Y-%m-%d %H:%M:%S', 1795348800 - 1800 + i + 18000, 'unixepoch') || '+05:00'
            FROM n
            """)
        let due = try await database.store().due(Self.noon)
        #expect(due == (1...1800).map(String.init))
    }

    /// Beside the index in question: one on the provider, which nearly all rows share, and figures
    /// from ANALYZE that speak for the one or the other.
    @Test(arguments: [
        ["CREATE INDEX by_provider ON oauth_tokens (provider)"],
        ["CREATE INDEX by_provider ON oauth_tokens (provider, user_id)", "ANALYZE"], ["ANALYZE"],
        [],
    ])
    func `the index on expires_at finds every page`(extra: [String]) async throws {
        let database = try ScratchDatabase()
        try database.run(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
            SELECT i, 'at', 'rt', '2026-11-22 11:00:00' FROM n
            """)
        for statement in extra { try database.run(statement) }
        let table = try OAuthTable(in: database.application)
        for filter in [nil] + DueRanges.Family.allCases.map(\.filter) {
            let plan = try database.rows(
                "EXPLAIN QUERY PLAN " + DueStatements.query(filter, table: table), columns: 4)
            #expect(
                plan.map { $0[3].words } == [
                    "SEARCH oauth_tokens USING INDEX idx_expires_at (expires_at>? AND expires_at<?)"
                ])
        }
    }

    @Test func `an index on provider and expires_at serves as well`() async throws {
        let database = try ScratchDatabase(expiresAt: "DATETIME", indexed: false)
        try database.run("CREATE INDEX both ON oauth_tokens (provider, expires_at)")
        try database.enrol(7)
        let table = try OAuthTable(in: database.application)
        #expect(!table.hasExpiryIndex)
        let plan = try database.rows(
            "EXPLAIN QUERY PLAN " + DueStatements.query(nil, table: table), columns: 4)
        #expect(
            plan.map { $0[3].words }.joined().contains(
                "provider=? AND expires_at>? AND expires_at<?"))
        #expect(try await database.store().due(Self.noon) == ["7"])
    }

    /// A mine in each row that is not due: its provider is computed when it is read, and fails.
    @Test func `no row outside the due range is read for numbers, naive texts and Z texts`() throws
    {
        let directory = try ScratchDirectory()
        let database = try Database(
            path: "\(directory.path)/mined.sqlite3", mode: .create, busyTimeout: .seconds(1))
        try database.execute(
            """
            CREATE TABLE oauth_tokens (expires_at DATETIME, is_due INTEGER);
            CREATE INDEX idx_expires_at ON oauth_tokens (expires_at);
            BEGIN;
            """)
        let insert = try database.prepare(
            "INSERT INTO oauth_tokens (expires_at, is_due) VALUES (?1, ?2)")
        for hour in -400...400 {
            let date = Self.noon + Double(hour) * 450
            for form: SQLiteValue in [
                .text(CalendarTime(utcSeconds: date.wholeSeconds).text(separator: " ")),
                .text(CalendarTime(utcSeconds: date.wholeSeconds).text(separator: "T")),
                .text(date.rfc3339), .text(date.rfc3339.replacing("Z", with: ".000Z")),
                .integer(date.wholeSeconds), .real(Double(date.wholeSeconds)),
                .integer(date.wholeSeconds * 1000),
            ] {
                try insert.bind(form, .integer(date <= Self.noon ? 1 : 0)).run()
            }
        }
        // Added afterwards, since an INSERT would compute it too.
        try database.execute(
            """
            COMMIT;
            ALTER TABLE oauth_tokens ADD COLUMN
              provider TEXT AS (iif(is_due, 'microsoft', abs(-9223372036854775807 - 1))) VIRTUAL
            """)
        #expect(throws: SQLiteError.self) {
            try database.prepare("SELECT provider FROM oauth_tokens").run()
        }
        let statements = try DueStatements(
            database, table: OAuthTable(columns: [], keepsNumbers: true, hasExpiryIndex: true))
        for zone in [LocalTime.utc, Self.berlin, Self.newYork] {
            // Naive times are due at another hour there: they stay out of that part.
            if zone != .utc {
                try database.execute(
                    """
                    DELETE FROM oauth_tokens
                    WHERE expires_at NOT LIKE '%Z' AND typeof(expires_at) = 'text'
                    """)
            }
            let ranges = DueRanges(horizon: Self.noon, zone: zone, keepsNumbers: true)
            var selection = DueSelection(
                ranges, horizon: Self.noon, provider: "microsoft", zone: zone)
            var count = 0
            while case let rows = try selection.next(100, statements: statements), !rows.isEmpty {
                count += rows.count
            }
            #expect(count == 401 * (zone == .utc ? 7 : 5))
        }
    }
}
