/// A tmpfs of a few kilobytes, for what happens when a disk is full or turns read-only. Mounting needs
/// root; tests skip themselves elsewhere.

internal import Glibc

public final class SmallDisk: Sendable {
    /// The mounted directory.
    public let directory: TemporaryDirectory

    private init(kilobytes: Int) throws {
        directory = try TemporaryDirectory()
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kilobytes)k,mode=0700") == 0 else {
            throw SocketFailure(call: "mount", code: errno)
        }
    }

    /// Runs `body` with a disk that is unmounted afterwards.
    public static func with<Value>(
        kilobytes: Int, _ body: (SmallDisk) async throws -> Value
    ) async throws -> Value {
        let disk = try SmallDisk(kilobytes: kilobytes)
        defer { umount2(disk.directory.path, Int32(MNT_DETACH)) }
        return try await body(disk)
    }

    /// The same as a file system on blocks: it keeps what it gave of a room for which it is too small.
    public static func withBlocks<Value>(
        kilobytes: Int, _ body: (SmallDisk) async throws -> Value
    ) async throws -> Value {
        let home = try TemporaryDirectory()
        let disk = try SmallDisk(blocks: kilobytes, image: home.file("image"))
        defer { umount2(disk.directory.path, Int32(MNT_DETACH)) }
        return try await body(disk)
    }

    private init(blocks kilobytes: Int, image: String) throws {
        directory = try TemporaryDirectory()
        for command in [
            ["truncate", "-s", "\(kilobytes)K", image], ["mkfs.ext4", "-q", image],
            ["mount", "-o", "loop", image, directory.path],
        ] where try ChildProcess(command).wait() != 0 {
            throw SocketFailure(call: command[0], code: EINVAL)
        }
        chmod(directory.path, 0o700)
    }

    /// Whether a file system on blocks can be made and mounted, which containers rarely may.
    public static let hasBlocks: Bool = {
        guard getuid() == 0, let home = try? TemporaryDirectory(),
            let disk = try? SmallDisk(blocks: 1024, image: home.file("image"))
        else { return false }
        umount2(disk.directory.path, Int32(MNT_DETACH))
        return true
    }()

    public static let isPossible: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(kilobytes: 64) else { return false }
        umount2(disk.directory.path, Int32(MNT_DETACH))
        return true
    }()

    /// Writes until nothing more fits.
    public func fill() {
        let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let bytes = [UInt8](repeating: 0, count: 4096)
        for size in [4096, 1] {
            while write(file, bytes, size) > 0 {}
        }
        close(file)
    }

    /// Makes room again.
    public func empty() { unlink(filler) }

    private var filler: String { directory.file("filler") }
}

/// A directory whose file system turns read-only, as the kernel does after an error: what is open for
/// writing stays so, nothing new can be opened.
public enum ReadOnlyDirectory {
    public static func with<Value>(
        _ path: String, _ body: () async throws -> Value
    ) async throws -> Value {
        guard mount(path, path, nil, UInt(MS_BIND), nil) == 0,
            mount(nil, path, nil, UInt(MS_REMOUNT | MS_BIND | MS_RDONLY), nil) == 0
        else { throw SocketFailure(call: "mount", code: errno) }
        defer { umount2(path, Int32(MNT_DETACH)) }
        return try await body()
    }
}
