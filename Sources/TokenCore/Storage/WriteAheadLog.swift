/// Puts on disk what is committed in SQLite's write-ahead log, on a thread of its own, so that the store
/// can commit the next group meanwhile. A commit there is a run of frames with checksums behind all earlier
/// ones in one file: after fdatasync(2) it is there with all of them, and before it is whole or not there
/// (sqlite.org/wal.html). A checkpoint syncs the file itself before it copies from it.

actor WriteAheadLog {
    private let file: FileDescriptor
    private let executor = ThreadExecutor(name: "sync")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter file: The log, which SQLite keeps while a connection is open.
    init(_ file: FileDescriptor) { self.file = file }

    /// Returns when all that was committed before the call is on disk.
    /// - Throws: ``StoreError``: it may be lost when the power fails.
    func synchronize() throws(StoreError) {
        do throws(SystemError) { try file.synchronizeData() } catch { throw StoreError(error) }
    }
}
