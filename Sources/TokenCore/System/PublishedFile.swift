/// A small file that others read at any moment, replaced as a whole: written beside the old one and
/// renamed, so that a reader sees either.

internal import Glibc

public struct PublishedFile: Sendable {
    private let path: String
    private let mode: mode_t

    /// - Parameter mode: Whatever the umask says.
    public init(path: String, mode: UInt32) {
        self.path = path
        self.mode = mode
    }

    /// Replaces the file by what `update` makes of its bytes; nil stands for a file that is missing,
    /// unreadable or longer than 1 MiB.
    ///
    /// Two runs that update it at once take turns, by a lock on the directory that is waited for only
    /// briefly: it is courtesy, and whoever holds it for longer is none of us.
    ///
    /// - Throws: ``SystemError``; the old file is as it was.
    public func update(_ update: ([UInt8]?) -> [UInt8]) throws(SystemError) {
        let directory = FilePaths.directory(of: path)
        // A directory that can't be listed can still be written.
        let turn = try? FileDescriptor(path: directory, flags: O_RDONLY | O_DIRECTORY)
        if let turn { Self.takeTurn(turn) }
        try replace(with: update(try contents()))
    }

    private static func takeTurn(_ directory: FileDescriptor) {
        for _ in 0..<50 {
            if flock(directory.number, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else { return }
            usleep(10_000)
        }
    }

    /// - Throws: ``SystemError`` where something else than a file stands in the file's place: a pipe
    ///   must not be waited for, nor /dev/stdout be replaced by a file.
    private func contents() throws(SystemError) -> [UInt8]? {
        var information = stat()
        guard lstat(path, &information) == 0 else { return nil }
        switch information.st_mode & S_IFMT {
        case S_IFREG: return try? FilePaths.contents(of: path)
        // It is replaced itself: who may write the directory must not choose what we overwrite.
        case S_IFLNK: return nil
        default: throw SystemError(code: EINVAL, action: "replace \(path), which is no file")
        }
    }

    private func replace(with bytes: [UInt8]) throws(SystemError) {
        // The collector reads names that end in `.prom` only.
        let temporary = "\(path).\(getpid())"
        // Left by a process of the same number that was killed.
        unlink(temporary)
        let file = try FileDescriptor(
            path: temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
        do throws(SystemError) {
            try file.write(bytes)
            guard fchmod(file.number, mode) == 0 else { throw .last("chmod \(temporary)") }
            guard rename(temporary, path) == 0 else { throw .last("rename \(temporary)") }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
