/// Another program's write lock on a database, held for longer than anybody waits.

internal import Synchronization

public final class DatabaseLock: Sendable {
    /// The session is used by one thread at a time, under the mutex.
    private struct Holder: ~Copyable, @unchecked Sendable {
        var session: SQLiteSession?
    }

    private let holder = Mutex(Holder())

    public init() {}

    /// Takes the lock once it is free; again is harmless.
    public func take(_ path: String) throws {
        try holder.withLock { holder in
            guard holder.session == nil else { return }
            let session = try SQLiteSession(path: path)
            try session.execute("BEGIN IMMEDIATE")
            holder.session = session
        }
    }

    public func release() { holder.withLock { $0.session = nil } }
}
