import FoundationEssentials
import Glibc
import Testing

@testable import TokenCore

/// Groups 0 and 65534 have the same names wherever tests run: root, and nogroup or nobody.
@Suite(.enabled(if: getuid() == 0, "only root can give files away")) struct FileUserTests {
    private let directory: ScratchDirectory
    private let path: String

    init() throws {
        directory = try ScratchDirectory()
        path = try directory.write([], to: "file")
    }

    private func file(_ owner: UInt32, _ group: UInt32, _ mode: mode_t) throws -> FileStatus {
        chown(path, owner, group)
        chmod(path, mode)
        return try FileStatus(path: path)
    }

    private let user = FileUser(user: 4711, groups: [0, 4712])

    @Test func `a file is shared by the shortest way`() throws {
        let share = { (file: FileStatus) in user.command(sharing: file, "rw") }
        #expect(share(try file(4711, 5, 0o400)) == "chmod u+rw \(path)")
        #expect(share(try file(5, 4712, 0o640)) == "chmod g+rw \(path)")
        #expect(share(try file(5, 987_654, 0o660)) == "usermod -aG 987654 4711")
        #expect(share(try file(5, 987_654, 0o640)) == "chgrp root \(path) && chmod g+rw \(path)")
        let other = FileUser(user: 4711, groups: [987_654])
        #expect(
            other.command(sharing: try file(0, 0, 0o660), "rw")
                == "chgrp 987654 \(path) && chmod g+rw \(path)")
    }

    @Test func `only a file of root's is taken over, and closed to the world`() throws {
        let other = FileUser(user: 4711, groups: [4712])
        #expect(
            other.command(takingOver: try file(0, 0, 0o644))
                == "chown 4711 \(path) && chmod 0640 \(path)")
        #expect(
            other.command(takingOver: try file(0, 0, 0o604))
                == "chown 4711 \(path) && chmod 0600 \(path)")
        #expect(other.command(takingOver: try file(0, 4712, 0o644)) == nil)
        #expect(other.command(takingOver: try file(5, 0, 0o644)) == nil)
        #expect(FileUser(user: 0, groups: [0]).command(takingOver: try file(0, 0, 0o644)) == nil)
    }

    @Test func `this process is who the kernel says`() {
        #expect(FileUser.current.user == geteuid())
        #expect(FileUser.current.groups.first == getegid())
    }
}
