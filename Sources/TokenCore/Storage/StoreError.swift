/// The database can't be opened, read, written or understood. It stops the whole pass, unless it
/// concerns one row.

public struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable {
        /// Missing, damaged, full, locked: exit status DATABASE.
        case database
        /// There, but this user may not: exit status PERMISSION.
        case permission
        /// A rule of the application's schema refuses one row; the others are not concerned.
        case row
    }

    public let kind: Kind
    /// What was tried, on what, and what came back.
    public let message: String
    /// What a person can do about it.
    public let hint: String?

    public init(_ message: String, hint: String? = nil, kind: Kind = .database) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message)\nhint: \($0)" } ?? message }
}

extension StoreError {
    init(_ error: SQLiteError) {
        let hint: String? =
            if error.isBusy {
                "another program holds a lock on the database; see who with `fuser \(error.path.shellQuoted)`"
            } else if error.isMoved {
                "the database was deleted or replaced while this run used it; put the right file in its "
                    + "place and run again" + Self.aboutSpool
            } else if error.isFull {
                "free space on the file system" + Self.aboutSpool
            } else if error.isReadOnly {
                "this user must be able to write the file, its directory, and -wal and -shm beside it"
            } else if error.isInputOutput {
                "look for a file-size limit (`ulimit -f`), a full quota or a failing disk"
                    + Self.aboutSpool
            } else if error.isCorrupt {
                "run `sqlite3 \(error.path.shellQuoted) 'PRAGMA integrity_check'` and restore a backup if it "
                    + "complains; if this is another kind of file, correct TEAMS_DATABASE"
            } else if error.isCannotOpen {
                "this user must be able to write the directory too: SQLite keeps its journal there"
            } else {
                nil
            }
        self.init(error.description, hint: hint, kind: error.concernsOneRow ? .row : .database)
    }

    init(_ error: SystemError) {
        let hint: String? =
            if error.isPermission {
                "run it as the database's owner, or let this user write the directory"
            } else if error.isReadOnly {
                "mount the file system for writing: SQLite's journal, the lock and the spool stand beside "
                    + "the database"
            } else if error.isFull {
                "free space on the file system"
            } else if error.isMissing {
                "create the directory, or correct the path"
            } else if error.isLink {
                "it is a symbolic link, which is not followed: look who made it, and remove it"
            } else {
                "look for a failing disk or a limit: the kernel's log (`dmesg`), `ulimit -a`"
            }
        self.init(
            error.description, hint: hint, kind: error.isPermission ? .permission : .database)
    }

    private static let aboutSpool = "; received tokens wait in the spool"

    /// What to do where no token waits in the spool.
    var hintWithoutTokens: String? { hint?.replacing(Self.aboutSpool, with: "") }

    /// Any error of the layers below, in the words of this one.
    static func wrapping(_ error: any Error) -> StoreError {
        switch error {
        case let error as StoreError: error
        case let error as SQLiteError: StoreError(error)
        case let error as SystemError: StoreError(error)
        default: StoreError("\(error)")
        }
    }
}
