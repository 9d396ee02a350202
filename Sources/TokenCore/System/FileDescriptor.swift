/// One open file, closed when its owner lets go. Every call is named after the system call it makes.

internal import Glibc

final class FileDescriptor: Sendable {
    let number: Int32
    let path: String

    /// open(2), close-on-exec.
    init(path: String, flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        let number = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw .last("open \(path)") }
        self.number = number
        self.path = path
    }

    /// open(2) of a file of ours: no link, pipe or device that somebody has put in its place. A pipe would
    /// keep us waiting for its other end, hence O_NONBLOCK, which does nothing to files.
    convenience init(ordinaryFile path: String, flags: Int32) throws(SystemError) {
        try self.init(path: path, flags: flags | O_NOFOLLOW | O_NONBLOCK)
        guard try status().st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EINVAL, action: "open \(path), which is no ordinary file")
        }
    }

    deinit { close(number) }

    /// write(2) until everything is written, at the file's own position (its end with `O_APPEND`).
    func write(_ bytes: [UInt8]) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress! + done, buffer.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write \(path)")
            }
            done += count
        }
    }

    /// pwrite(2) until everything is written from `offset` on.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(number, buffer.baseAddress! + done, buffer.count - done, offset + done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write \(path)")
            }
            done += count
        }
    }

    /// pread(2): at most `count` bytes from `offset`; fewer at the end of the file.
    func read(count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(number, buffer.baseAddress! + done, count - done, off_t(offset + done))
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("read \(path)")
            }
            if got == 0 { break }
            done += got
        }
        return Array(bytes.prefix(done))
    }

    /// posix_fallocate(3): room on disk that later writes can't be refused.
    func allocate(size: Int) throws(SystemError) {
        let code = posix_fallocate(number, 0, off_t(size))
        guard code == 0 else { throw SystemError(code: code, action: "reserve room in \(path)") }
    }

    func truncate(to size: Int) throws(SystemError) {
        guard ftruncate(number, off_t(size)) == 0 else { throw .last("truncate \(path)") }
    }

    func synchronize() throws(SystemError) {
        guard fsync(number) == 0 else { throw .last("fsync \(path)") }
    }

    func size() throws(SystemError) -> Int { Int(try status().st_size) }

    func status() throws(SystemError) -> stat {
        var information = stat()
        guard fstat(number, &information) == 0 else { throw .last("stat \(path)") }
        return information
    }

    /// Gives the file the owner, group and mode of a database, without the world's bits, so that
    /// root by hand and the service's user by cron can both open it.
    func adoptAccess(of database: FileStatus) throws(SystemError) {
        let own = try status()
        if own.st_uid != database.owner || own.st_gid != database.group {
            // Only root may give a file away; anybody else keeps it as their own.
            _ = fchown(number, database.owner, database.group)
        }
        let mode = (database.permissions & 0o770) | 0o600
        if own.st_mode & 0o7777 != mode, fchmod(number, mode) != 0, errno != EPERM {
            throw .last("chmod \(path)")
        }
    }
}
