import Glibc
import TestSupport
import Testing

@testable import TokenCore

@Suite struct FileStatusTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
        chmod(directory.path, 0o755)
    }

    @Test(arguments: [
        (0o600, false, false, false), (0o640, false, false, false), (0o644, true, false, false),
        (0o660, false, false, true), (0o666, true, true, true), (0o602, false, true, true),
    ])
    func `the mode bits are told in words`(
        mode: UInt32, worldReads: Bool, worldWrites: Bool, othersWrite: Bool
    ) throws {
        let status = try FileStatus(path: directory.write([1, 2, 3], to: "file", mode: mode))
        #expect(status.permissions == mode)
        #expect(status.worldCanRead == worldReads)
        #expect(status.worldCanWrite == worldWrites)
        #expect(status.othersCanWrite == othersWrite)
        #expect(status.size == 3)
        #expect(!status.isDirectory)
        #expect(try FileStatus(path: directory.path).isDirectory)
    }

    @Test func `two names of one file have one inode`() throws {
        let file = try directory.write([], to: "file")
        link(file, "\(directory.path)/again")
        let (first, second) = try (
            FileStatus(path: file), FileStatus(path: "\(directory.path)/again")
        )
        #expect(first.inode == second.inode && first.device == second.device)
    }

    @Test(arguments: [(0o700, true), (0o750, true), (0o751, false), (0o755, false), (0o770, true)])
    func `a file is sheltered by any directory above it that is closed to others`(
        mode: UInt32, sheltered: Bool
    ) throws {
        for name in ["outer", "outer/inner"] { mkdir("\(directory.path)/\(name)", 0o755) }
        let file = try directory.write([], to: "outer/inner/secret", mode: 0o644)
        #expect(try !FileStatus(path: file).isSheltered)
        for name in ["outer", "outer/inner"] {
            chmod("\(directory.path)/\(name)", mode)
            #expect(try FileStatus(path: file).isSheltered == sheltered)
            chmod("\(directory.path)/\(name)", 0o755)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
    func `a file on a read-only file system is sheltered`() async throws {
        let file = try directory.write([], to: "secret", mode: 0o644)
        chmod(directory.path, 0o755)
        #expect(try !FileStatus(path: file).isSheltered)
        let isSheltered = try await ReadOnlyDirectory.with(directory.path) {
            try FileStatus(path: file).isSheltered
        }
        #expect(isSheltered)
    }

    @Test(arguments: [
        ("/a/b/c", "/a/b"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("", "."),
    ])
    func `the directory of a path`(path: String, expected: String) {
        #expect(FilePaths.directory(of: path) == expected)
    }

    @Test func `real paths lead through links, also for files that are yet to come`() throws {
        mkdir("\(directory.path)/real", 0o755)
        symlink("\(directory.path)/real", "\(directory.path)/link")
        let file = try directory.write([], to: "real/file")
        #expect(try FilePaths.real("\(directory.path)/link/file") == file)
        #expect(
            try FilePaths.real("\(directory.path)/link/missing") == "\(directory.path)/real/missing"
        )
        #expect(try FilePaths.real("\(directory.path)/link/../real//file") == file)
        #expect(throws: SystemError.self) { try FilePaths.real("\(directory.path)/none/missing") }
        #expect(throws: SystemError.self) {
            try FilePaths.real("\(directory.path)/real/file/below")
        }
    }

    @Test func `contents are read whole, up to a limit`() throws {
        #expect(try FilePaths.contents(of: directory.write([], to: "empty")) == [])
        let large = try directory.write(Array(repeating: 7, count: 1 << 20), to: "large")
        #expect(try FilePaths.contents(of: large).count == 1 << 20)
        let tooLarge = try directory.write(Array(repeating: 7, count: 1 << 20 + 1), to: "larger")
        let error = #expect(throws: SystemError.self) { try FilePaths.contents(of: tooLarge) }
        #expect(error?.code == EFBIG)
        #expect(throws: SystemError.self) { try FilePaths.contents(of: "\(directory.path)/none") }
        #expect(throws: SystemError.self) { try FilePaths.contents(of: directory.path) }
    }
}
