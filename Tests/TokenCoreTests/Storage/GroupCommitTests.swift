import FoundationEssentials
import Synchronization
import Testing

@testable import TokenCore

@Suite struct GroupCommitTests {
    static let now = Date("2026-11-22T12:00:00")

    private static func tokens(_ user: Int, padding: String = "") -> TokenSet {
        TokenSet(
            accessToken: Secret("at-new-\(user)\(padding)"), refreshToken: Secret("rt-new-\(user)"),
            expiresAt: now + 3600)
    }

    private static func enrolled(
        _ count: Int, journal: String = "WAL", busyTimeout: Duration = .seconds(20)
    ) async throws -> (ScratchDatabase, TokenStore, [Connection]) {
        let database = try ScratchDatabase(journal: journal)
        try database.run("BEGIN")
        for user in 1...count { try database.enrol(.integer(Int64(user))) }
        try database.run("COMMIT")
        let store = try database.store(busyTimeout: busyTimeout)
        let connections = try await store.allRows(after: 0, limit: count, at: now).compactMap {
            if case .connection(let connection) = $0.row { connection } else { nil }
        }
        return (database, store, connections)
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() { count.withLock { $0 += 1 } }
    }

    /// Saves all at once.
    /// - Parameters:
    ///   - padding: Makes the access tokens longer.
    ///   - begun: Runs when all have begun.
    private static func saveAll(
        _ connections: [Connection], in store: TokenStore, padding: String = "",
        begun: () throws -> Void = {}
    ) async throws -> [Result<StoredResult, StoreError>] {
        let started = Counter()
        return try await withThrowingTaskGroup(of: Result<StoredResult, StoreError>.self) { group in
            for (index, connection) in connections.enumerated() {
                group.addTask {
                    started.increment()
                    do throws(StoreError) {
                        let tokens = tokens(index + 1, padding: padding)
                        return .success(try await store.save(tokens, for: connection, at: now))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            while started.value < connections.count { await Task.yield() }
            try begun()
            var results: [Result<StoredResult, StoreError>] = []
            while case .success(let result)? = await group.nextResult() { results.append(result) }
            return results
        }
    }

    /// Commits in a write-ahead log: frames that carry the size of the database (sqlite.org/fileformat2
    /// §4.1).
    private static func commits(in log: [UInt8]) -> Int {
        guard log.count > 32 else { return 0 }
        func number(_ at: Int) -> UInt32 { log[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        let frame = 24 + Int(number(8))
        return stride(from: 32, through: log.count - frame, by: frame).count { start in
            number(start + 4) != 0 && log[start + 8..<start + 16].elementsEqual(log[16..<24])
        }
    }

    @Test func `saves that wait together share a commit, and each is durable when it returns`()
        async throws
    {
        let (database, store, connections) = try await Self.enrolled(400)
        #expect(connections.count == 400)
        _ = try database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        // While the application holds the lock nothing can be committed, so the saves pile up.
        try database.run("BEGIN IMMEDIATE")
        let results = try await Self.saveAll(connections, in: store) { try database.run("COMMIT") }
        #expect(results == Array(repeating: .success(.stored), count: 400))
        let commits = Self.commits(in: try database.directory.bytes(of: "teams.sqlite3-wal"))
        #expect((1...40).contains(commits))

        // Another process sees all of them.
        let other = try Database(path: database.path, mode: .readOnly, busyTimeout: .seconds(1))
        let count = try other.prepare(
            """
            SELECT count(*) FROM oauth_tokens WHERE refresh_token = 'rt-new-' || user_id
              AND access_token = 'at-new-' || user_id AND expires_at = '2026-11-22 13:00:00'
            """)
        #expect(try count.step())
        #expect(count.integer(0) == 400)
    }

    @Test func `what a whole pass left in the spool is stored in a few commits`() async throws {
        let (database, store, connections) = try await Self.enrolled(400)
        let path = Spool.path(forDatabase: database.path, directory: nil)
        let status = try FileStatus(path: database.path)
        let spool = try Spool.reserve(at: path, slots: 400, like: status)
        for (slot, connection) in connections.enumerated() {
            let body =
                #"{"access_token":"at-spooled","refresh_token":"rt-spooled","expires_in":60}"#
            try spool.put(
                Spool.Record(
                    connection: connection.id, rowID: connection.rowID,
                    sent: .ofToken(connection.refreshToken), requestedAt: Self.now,
                    body: Array(body.utf8)), in: slot)
        }
        _ = try database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        let result = try await SpoolReplay.run(
            spoolPath: path, like: status, store: store, now: Self.now)
        #expect(result.stored == 400)
        #expect(
            try database.value(
                "SELECT count(*) FROM oauth_tokens WHERE refresh_token = 'rt-spooled'") == 400)
        let commits = Self.commits(in: try database.directory.bytes(of: "teams.sqlite3-wal"))
        #expect((1...10).contains(commits))
    }

    @Test func `each save of a long series is told its own result`() async throws {
        let (database, store, connections) = try await Self.enrolled(100)
        try database.run("UPDATE oauth_tokens SET refresh_token = 'rt-app' WHERE user_id % 3 = 0")
        let results = await withTaskGroup(of: (Int, StoredResult?).self) { group in
            for (index, connection) in connections.enumerated() {
                group.addTask {
                    (
                        index + 1,
                        try? await store.save(Self.tokens(index + 1), for: connection, at: Self.now)
                    )
                }
            }
            return await group.reduce(into: [Int: StoredResult]()) { $0[$1.0] = $1.1 }
        }
        for user in 1...100 { #expect(results[user] == (user % 3 == 0 ? .raced : .stored)) }
        #expect(
            try database.value("SELECT count(*) FROM oauth_tokens WHERE refresh_token = 'rt-app'")
                == 33)
    }

    @Test func `two saves of one connection at once: the first wins`() async throws {
        let (database, store, connections) = try await Self.enrolled(1)
        let results = try await Self.saveAll(
            [connections[0], connections[0], connections[0]], in: store)
        #expect(results.count { $0 == .success(.stored) } == 1)
        #expect(results.count { $0 == .success(.raced) } == 2)
        let row = try database.rows(
            "SELECT access_token, refresh_token FROM oauth_tokens", columns: 2)[0]
        #expect(row[0].words.suffix(1) == row[1].words.suffix(1))
    }

    @Test(arguments: ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
    func `a full disk fails every save of the group, stores nothing and is no end`(
        journal: String
    ) async throws {
        let (database, store, connections) = try await Self.enrolled(300, journal: journal)
        let before = try database.dump()
        try await store.limitPages(to: 1)
        // More than the file's pages have room for, even for the first alone.
        let padding = String(repeating: "x", count: 20_000)
        let results = try await Self.saveAll(connections, in: store, padding: padding)
        #expect(results.count == 300)
        for result in results {
            guard case .failure(let error) = result else {
                Issue.record("stored on a full disk")
                continue
            }
            #expect(error.hint?.contains("free space") == true)
            #expect(!error.description.contains("rt-"))
        }
        #expect(try database.dump() == before)
        #expect(try database.value("SELECT count(*) FROM maintain_teams_connections") == 0)

        try await store.limitPages(to: 1_000_000)
        let again = try await Self.saveAll(connections, in: store)
        #expect(again == Array(repeating: .success(.stored), count: 300))
        #expect(try database.value("PRAGMA integrity_check") == "ok")
    }

    @Test(arguments: ["WAL", "DELETE"])
    func `a lock held beyond our patience is an error, and nothing is half stored`(
        journal: String
    ) async throws {
        let (database, store, connections) = try await Self.enrolled(
            20, journal: journal, busyTimeout: .milliseconds(30))
        let before = try database.dump()
        try database.run("BEGIN IMMEDIATE")
        let results = try await Self.saveAll(connections, in: store)
        for result in results {
            guard case .failure(let error) = result else {
                Issue.record("stored in spite of a lock")
                continue
            }
            #expect(error.hint?.contains("holds a lock") == true)
            #expect(error.kind == .database)
        }
        await #expect(throws: StoreError.self) { try await store.pauseClient(until: Self.now) }
        try database.run("ROLLBACK")
        #expect(try database.dump() == before)
        #expect(
            try await Self.saveAll(connections, in: store)
                == Array(repeating: .success(.stored), count: 20))
    }

    @Test func `a commit that a reader of a rollback journal holds up is undone whole`()
        async throws
    {
        let (database, store, connections) = try await Self.enrolled(
            5, journal: "DELETE", busyTimeout: .milliseconds(30))
        let before = try database.dump()
        // A reader in the middle of its query: BEGIN IMMEDIATE succeeds, COMMIT does not.
        let reader = try database.application.prepare("SELECT * FROM oauth_tokens")
        #expect(try reader.step())
        let results = try await Self.saveAll(connections, in: store)
        #expect(results.count { if case .failure = $0 { true } else { false } } == 5)
        reader.reset()
        #expect(try database.dump() == before)
        #expect(
            try await Self.saveAll(connections, in: store)
                == Array(repeating: .success(.stored), count: 5))
    }

    @Test func `a database that may not be written says so`() async throws {
        let (database, store, connections) = try await Self.enrolled(3)
        try await store.forbidWriting()
        for result in try await Self.saveAll(connections, in: store) {
            guard case .failure(let error) = result else {
                Issue.record("stored in a read-only database")
                continue
            }
            #expect(error.hint?.contains("must be able to write") == true)
        }
        #expect(
            try database.value("SELECT count(*) FROM oauth_tokens WHERE access_token = 'at-old'")
                == 3)
    }

    @Test(arguments: [
        "CREATE TRIGGER strict BEFORE UPDATE ON oauth_tokens WHEN new.user_id = 13 BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER strict BEFORE UPDATE ON oauth_tokens WHEN new.user_id = 13 BEGIN SELECT raise(ROLLBACK, 'no'); END",
        "CREATE UNIQUE INDEX strict ON oauth_tokens (refresh_token) WHERE user_id = 13 OR user_id = 99",
    ])
    func `a rule of the application that refuses one row costs no other its tokens`(
        rule: String
    ) async throws {
        let (database, store, connections) = try await Self.enrolled(40)
        try database.run(rule)
        try database.enrol(99, refreshToken: "rt-new-13")
        try database.run("BEGIN IMMEDIATE")
        let results = try await Self.saveAll(connections, in: store) { try database.run("COMMIT") }
        #expect(results.count { $0 == .success(.stored) } == 39)
        #expect(
            try database.column(
                "SELECT user_id FROM oauth_tokens WHERE access_token = 'at-old' ORDER BY 1")
                == [13, 99])
        #expect(
            try database.value("SELECT count(*) FROM maintain_teams_connections WHERE user_id = 13")
                == 0)
    }

    @Test(arguments: ["DELETE", "WAL"])
    func `the application goes on writing meanwhile, and loses nothing either`(
        journal: String
    ) async throws {
        let (database, store, connections) = try await Self.enrolled(200, journal: journal)
        let path = database.path
        let application = Task.detached {
            let other = try Database(path: path, mode: .readWrite, busyTimeout: .seconds(20))
            try other.execute("PRAGMA synchronous = OFF")
            let touch = try other.prepare("UPDATE oauth_tokens SET scope = ?2 WHERE user_id = ?1")
            let enrol = try other.prepare(
                """
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at)
                VALUES (?1, 'at', 'rt', '2026-11-22 12:00:00')
                """)
            for number in 1...100 {
                try touch.bind(.integer(Int64(number * 2)), .text("from-app")).run()
                try enrol.bind(.integer(Int64(1000 + number))).run()
            }
        }
        let results = try await Self.saveAll(connections, in: store)
        try await application.value
        #expect(results == Array(repeating: .success(.stored), count: 200))
        #expect(try database.value("SELECT count(*) FROM oauth_tokens") == 300)
        #expect(
            try database.value("SELECT count(*) FROM oauth_tokens WHERE scope = 'from-app'") == 100)
        #expect(
            try database.value(
                "SELECT count(*) FROM oauth_tokens WHERE refresh_token = 'rt-new-' || user_id")
                == 200)
        #expect(try database.value("PRAGMA integrity_check") == "ok")
    }

    @Test func `a store that is let go of finishes what it was given`() async throws {
        let database = try ScratchDatabase()
        try database.enrol(7)
        for round in 0..<20 {
            try database.run("UPDATE oauth_tokens SET refresh_token = 'rt-\(round)'")
            let save: Task<StoredResult, any Error>
            do {
                let store = try database.store()
                let connection = try #require(await store.connection("7", at: Self.now))
                save = Task {
                    try await store.save(Self.tokens(round), for: connection, at: Self.now)
                }
            }
            #expect(try await save.value == .stored)
        }
    }
}

extension TokenStore {
    fileprivate func limitPages(to count: Int) throws {
        try database.prepare(text: "PRAGMA max_page_count = \(count)").run()
    }

    fileprivate func forbidWriting() throws { try database.execute("PRAGMA query_only = ON") }
}
