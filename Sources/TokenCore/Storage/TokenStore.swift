/// The one owner of the database: answers the questions of a pass in its own words, on a thread of its
/// own, so that an fsync(2) holds up nobody else. Files beside this one extend it by subject.

internal import FoundationEssentials
internal import Synchronization

public actor TokenStore {
    public struct Settings: Sendable {
        public var path: String
        public var provider: String
        public var zone: LocalTime
        /// What a refresh token is redeemed with: part of every fingerprint.
        public var context: Fingerprint.Context
        /// How long a write waits for another program's lock.
        public var busyTimeout: Duration
        /// How many connections are worked on at once: their pages are read before a request and written
        /// after it.
        public var concurrency = 1
        /// For a reader that knows no client: failures stand whatever they were recorded for.
        public var trustsRecordedFailures = false

        public init(
            path: String, provider: String, zone: LocalTime, context: Fingerprint.Context,
            busyTimeout: Duration = .seconds(20)
        ) {
            self.path = path
            self.provider = provider
            self.zone = zone
            self.context = context
            self.busyTimeout = busyTimeout
        }
    }

    let settings: Settings
    let database: Database
    let table: OAuthTable
    let statements: StoreStatements
    /// False for a reader of a database that no pass had seen when it was opened.
    let hasHistory: Bool
    var selection: DueSelection?
    /// Changes that wait for the next commit, from whatever thread.
    let pending = Mutex<[PendingWrite]>([])
    /// Whether the last group of saves was more than one.
    var savesComeTogether = false
    /// Whether the application has chosen SQLite's write-ahead log.
    let writesAhead: Bool
    let idleJournal: IdleJournal
    var hasBegunPass = false
    private let executor: ThreadExecutor

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens an existing database.
    /// - Parameter readOnly: Creates and changes nothing; a database that no pass has seen yet reads
    ///   as one with no history.
    /// - Throws: ``StoreError``.
    public init(_ settings: Settings, readOnly: Bool) throws(StoreError) {
        self.settings = settings
        idleJournal = IdleJournal(database: settings.path)
        executor = ThreadExecutor(name: "store")
        do {
            try DatabaseAccess.check(try FileStatus(path: settings.path), writes: !readOnly)
            let database = try Database(
                path: settings.path, mode: readOnly ? .readOnly : .readWrite,
                busyTimeout: settings.busyTimeout)
            // A lost commit is a lost refresh token: with a rollback journal FULL leaves one to chance,
            // until the directory is synced too. The journal mode is the application's choice.
            try database.execute("PRAGMA synchronous = EXTRA")
            let mode = try database.prepare("PRAGMA journal_mode")
            writesAhead = try mode.step() && mode.text(0) == "wal"
            mode.reset()
            // A row's pages are read before its request and written after the answer: so much keeps them.
            try database.setCacheSize(kibibytes: 2000 + 6 * settings.concurrency)
            let table = try OAuthTable(in: database)
            let presence = try StateSchema.presence(in: database)
            hasHistory = presence != .none || !readOnly
            switch (presence, readOnly) {
            case (.complete, _): break
            case (.none, true): try StateSchema.createTemporary(in: database)
            case (.none, false), (.partial, false):
                try database.transaction { try StateSchema.create(in: database) }
            case (.partial, true): throw StateSchema.incomplete(database.path)
            }
            try StateSchema.verify(in: database)
            statements = try StoreStatements(database, table: table)
            self.table = table
            self.database = database
        } catch let error as SystemError where error.isMissing {
            throw StoreError(
                "no database at \(settings.path)",
                hint: "set TEAMS_DATABASE to the application's SQLite file")
        } catch let error as SQLiteError where readOnly && (error.isCannotOpen || error.isReadOnly)
        {
            throw DatabaseAccess.unreadable(error)
        } catch {
            throw .wrapping(error)
        }
    }

    func translating<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do { return try body() } catch { throw failure(error) }
    }

    /// Who has waited in vain for another program's lock once does not wait again: what is left to
    /// write is tried, and fails at once if the lock is still there.
    func failure(_ error: any Error) -> StoreError {
        if let error = error as? SQLiteError, error.isBusy { database.setBusyTimeout(.zero) }
        return .wrapping(error)
    }
}
