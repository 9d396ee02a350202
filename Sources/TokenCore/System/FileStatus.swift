/// Who may read and write a file: stat(2) in the words that the permission checks need.

internal import CLinux
internal import Glibc

public struct FileStatus: Equatable, Sendable {
    public let path: String
    /// Permission bits, `0o000` to `0o7777`.
    public let permissions: UInt32
    public let owner: UInt32
    public let group: UInt32
    public let size: Int
    public let isDirectory: Bool
    public let isRegular: Bool
    public let device: UInt
    public let inode: UInt

    /// - Throws: ``SystemError`` when the file is missing or out of reach.
    public init(path: String) throws(SystemError) {
        var information = stat()
        guard stat(path, &information) == 0 else { throw .last("stat \(path)") }
        self.path = path
        permissions = information.st_mode & 0o7777
        owner = information.st_uid
        group = information.st_gid
        size = information.st_size
        isDirectory = information.st_mode & S_IFMT == S_IFDIR
        isRegular = information.st_mode & S_IFMT == S_IFREG
        device = information.st_dev
        inode = information.st_ino
    }

    public var worldCanRead: Bool { permissions & 0o004 != 0 }
    public var worldCanWrite: Bool { permissions & 0o002 != 0 }
    public var othersCanWrite: Bool { permissions & 0o022 != 0 }

    /// Whether the mode bits hardly matter: a directory above is closed to others, or the file
    /// system is read-only (container secrets are 0444 by default and protected by either).
    public var isSheltered: Bool {
        var file = statvfs()
        if statvfs(path, &file) == 0, file.f_flag & UInt(ST_RDONLY) != 0 { return true }
        var directory = FilePaths.directory(of: path)
        while true {
            var information = stat()
            guard stat(directory, &information) == 0 else { return false }
            if information.st_mode & 0o001 == 0 { return true }
            if directory == "/" || directory == "." { return false }
            directory = FilePaths.directory(of: directory)
        }
    }
}

public enum FilePaths {
    /// dirname(3) without its traps.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// realpath(3) of an existing file; of a missing one, that of its directory plus its name.
    public static func real(_ path: String) throws(SystemError) -> String {
        if let resolved = resolve(path) { return resolved }
        guard errno == ENOENT else { throw .last("resolve \(path)") }
        let directory = directory(of: path)
        guard let resolved = resolve(directory) else { throw .last("resolve \(directory)") }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
    }

    private static func resolve(_ path: String) -> String? {
        guard let buffer = realpath(path, nil) else { return nil }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    public static func canRead(_ path: String) -> Bool { access(path, R_OK) == 0 }
    /// A read-only file system is no matter of permission, and says so itself when it is written.
    public static func canWrite(_ path: String) -> Bool {
        access(path, W_OK) == 0 || errno == EROFS
    }
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether there is an entry of this name, be it a link to nowhere.
    static func isPresent(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    /// The entries of a directory but for hidden ones; nil when it can't be read.
    static func names(in path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The name of the network file system that a file lies on; nil for a local one.
    static func networkFileSystem(_ path: String) -> String? {
        switch clinux_file_system(path) {
        case 0x6969: "NFS"
        case 0xFF53_4D42, 0xFE53_4D42, 0x517B: "SMB"
        case 0x6573_5546: "FUSE"
        case 0x0102_1997: "9P"
        default: nil
        }
    }

    /// Bytes that this file system has left for users; nil when it does not say.
    static func freeSpace(_ path: String) -> Int? {
        var file = statvfs()
        guard statvfs(path, &file) == 0 else { return nil }
        return Int(clamping: UInt64(file.f_bavail) &* UInt64(file.f_frsize))
    }

    /// The whole of a small file.
    /// - Throws: ``SystemError``; a file over 1 MiB is refused with `EFBIG`.
    public static func contents(of path: String) throws(SystemError) -> [UInt8] {
        let limit = 1 << 20
        let bytes = try FileDescriptor(path: path, flags: O_RDONLY).read(count: limit + 1, at: 0)
        guard bytes.count <= limit else { throw SystemError(code: EFBIG, action: "read \(path)") }
        return bytes
    }
}
