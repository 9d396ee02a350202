import FoundationEssentials
import Glibc
import Testing

@testable import TokenCore

@Suite struct FileLockTests {
    private let directory: ScratchDirectory
    private let path: String
    private let database: FileStatus

    init() throws {
        directory = try ScratchDirectory()
        database = try FileStatus(path: directory.write([], to: "teams.sqlite3"))
        path = FileLock.path(forDatabase: database.path)
    }

    private func acquire(_ holder: String = "pid 1") throws -> FileLock.Acquisition {
        try FileLock.acquire(path, like: FileStatus(path: database.path), holder: holder)
    }

    private func take(_ holder: String = "pid 1") throws -> FileLock {
        let lock: FileLock? =
            if case .acquired(let lock) = try acquire(holder) { lock } else { nil }
        return try #require(lock)
    }

    private func isFree() throws -> Bool {
        if case .acquired(let lock) = try acquire() {
            lock.release()
            return true
        }
        return false
    }

    private func holder() throws -> String? {
        if case .held(let words) = try acquire() { words } else { nil }
    }

    @Test func `whoever comes second is told who holds it`() throws {
        let lock = try take("pid 4711 since 12:00:03Z")
        #expect(try holder() == "pid 4711 since 12:00:03Z")
        #expect(try holder() == "pid 4711 since 12:00:03Z")
        lock.release()
        #expect(try isFree())
        #expect(directory.names == ["teams.sqlite3", "teams.sqlite3.maintain-teams.lock"])
    }

    @Test func `it is free when its value is gone`() throws {
        var lock: FileLock? = try take()
        #expect(try lock != nil && !isFree())
        lock = nil
        #expect(try isFree())
    }

    @Test func `a short name replaces a long one whole`() throws {
        for name in ["a much longer holder than the next", "short"] {
            let lock = try take(name)
            #expect(try holder() == name)
            lock.release()
        }
    }

    @Test func `the kernel frees it when its holder is killed`() throws {
        let child = try Holder(of: path, saying: "pid of the child")
        #expect(try holder() == "pid of the child")
        child.kill()
        #expect(try isFree())
    }

    @Test(arguments: [
        ("", ""), ("\n", ""), ("one\ntwo\n", "one"),
        ("\u{1B}[31mred\u{7}", "?[31mred?"),
        (String(repeating: "x", count: 5000), String(repeating: "x", count: 200)),
    ])
    func `the holder's words are one harmless line`(written: String, told: String) throws {
        let child = try Holder(of: path, saying: "")
        try directory.write(Array(written.utf8), to: "teams.sqlite3.maintain-teams.lock")
        #expect(try holder() == told)
        child.kill()
    }

    @Test(arguments: [(0o600, 0o600), (0o660, 0o660), (0o644, 0o640), (0o666, 0o660)])
    func `its mode follows the database without the world`(mode: UInt32, expected: UInt32) throws {
        chmod(database.path, mode)
        #expect(try isFree())
        #expect(try FileStatus(path: path).permissions == expected)
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away"))
    func `its owner follows the database`() throws {
        chown(database.path, 1234, 4321)
        #expect(try isFree())
        #expect(try FileStatus(path: path).owner == 1234)
        #expect(try FileStatus(path: path).group == 4321)
    }

    @Test func `a symbolic link is refused, and what it names stays as it was`() throws {
        let victim = try directory.write(Array("precious".utf8), to: "victim", mode: 0o644)
        symlink(victim, path)
        #expect(throws: SystemError.self) { try acquire() }
        #expect(try directory.bytes(of: "victim") == Array("precious".utf8))
        #expect(try FileStatus(path: victim).permissions == 0o644)
        // One that leads nowhere creates nothing.
        unlink(victim)
        #expect(throws: SystemError.self) { try acquire() }
        #expect(!FilePaths.exists(victim))
    }

    @Test func `a number that another process has by now is not the holder`() {
        func words(_ pid: Int32, since: String) -> String {
            "maintain-teams, pid \(pid), since \(since), run 1"
        }
        let now = Date().rfc3339
        #expect(FileLock.isRunning(words(getpid(), since: now)) == true)
        #expect(FileLock.isRunning(words(getpid(), since: "2020-01-01T00:00:00Z")) == false)
        #expect(FileLock.isRunning(words(getpid(), since: "then")) == true)
        // Of this one everybody may read when it began.
        #expect(FileLock.isRunning(words(1, since: now)) == true)
        #expect(FileLock.isRunning(words(.max, since: now)) == false)
        #expect(FileLock.isRunning("flock") == nil)
    }

    @Test func `a directory that is missing is an error that names the file`() throws {
        let error = #expect(throws: SystemError.self) {
            try FileLock.acquire("/nonexistent/x.lock", like: database, holder: "")
        }
        #expect(error?.isMissing == true)
        #expect(error?.description.hasPrefix("open /nonexistent/x.lock: ") == true)
    }
}

/// Another process that holds a lock until it is killed.
private final class Holder {
    private let output: UnsafeMutablePointer<FILE>
    private let process: pid_t
    private var isRunning = true

    init(of path: String, saying words: String) throws {
        // The shell opens the file, flock(1) locks what both share, and sleep(1) takes the shell's place.
        let script =
            "exec 9<>'\(path)'; flock 9; echo '\(words)' >&9; echo $$; exec sleep 600 >/dev/null"
        guard let output = popen(script, "r") else { throw SystemError.last("popen") }
        self.output = output
        var line = [CChar](repeating: 0, count: 32)
        // It speaks only when it holds the lock.
        guard fgets(&line, 32, output) != nil,
            let process = pid_t(
                String(decoding: line.prefix { $0 > 0x20 }.map(UInt8.init), as: UTF8.self))
        else {
            throw SystemError(code: ECHILD, action: "start the holder")
        }
        self.process = process
    }

    func kill() {
        guard isRunning else { return }
        isRunning = false
        Glibc.kill(process, SIGKILL)
        pclose(output)
    }

    deinit { kill() }
}
