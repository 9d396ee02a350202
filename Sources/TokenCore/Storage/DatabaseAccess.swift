/// Whether a file can be the database, and this user may use it. SQLite would say no more than "unable to
/// open" or "disk I/O error".
///
/// A database in WAL mode is not opened with `immutable=1` where its directory can't be written: the
/// directory may be read-only for us alone, SQLite would take no lock, and a checkpoint by whoever writes
/// there would be read half done.

enum DatabaseAccess {
    /// - Throws: ``StoreError``.
    static func check(_ status: FileStatus, writes: Bool) throws(StoreError) {
        let path = status.path.sanitized()
        guard status.isRegular else {
            throw StoreError(
                "\(path) is \(status.isDirectory ? "a directory" : "no regular file")",
                hint: "TEAMS_DATABASE names a file: add the file's name")
        }
        let remedy = { (rights: String) in
            "run it as its owner \(UserName.of(status.owner).sanitized(limit: 64)), or let this user in: "
                + "`\(FileUser.current.command(sharing: status, rights))`"
        }
        guard FilePaths.canRead(status.path) else {
            throw StoreError(
                "\(path) may not be read by this user", hint: remedy(writes ? "rw" : "r"),
                kind: .permission)
        }
        guard !writes || FilePaths.canWrite(status.path) else {
            throw StoreError(
                "\(path) may not be written by this user", hint: remedy("rw"), kind: .permission)
        }
    }

    /// What SQLite says of a database that can be read, in a place where it can't write.
    static func unreadable(_ error: SQLiteError) -> StoreError {
        StoreError(
            error.description,
            hint:
                "SQLite reads a database in WAL mode only where it can write beside it: let this user "
                + "write the directory; docs/store.md has other ways (\"Reading without writing\")")
    }
}
