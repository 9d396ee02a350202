/// A database that stops to take anything: the pass spends no token before it, or none after it, ends
/// with 74, and the next one stores what was received.

import Foundation
import Glibc
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct StoreFailureTests {
    /// The end of a pass that four answers reached too late.
    private func expectSpooled(
        _ result: ProgramResult, saying words: String, _ world: PassWorld
    ) throws {
        #expect(result.exitCode == 74)
        #expect(result.errorLines.first?.hasPrefix("maintain-teams: DATABASE (74): ") == true)
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(world.sandbox.counts.token == 5)
        #expect(try world.spooled() == [2, 3, 4, 5])
    }

    private func expectStored(_ world: PassWorld) async throws {
        let (document, next) = try await world.document()
        #expect(next.exitCode == 0, "\(next.standardError)")
        #expect(document.warnings.first?.hasPrefix("stored 4 tokens") == true)
        #expect(document.present?["refreshed"] == 3)
        #expect(try world.behind(1...8) == [])
        #expect(world.sandbox.counts.byStatus == [200: 8])
        #expect(!world.database.directory.exists(world.spoolName))
    }

    // MARK: Locked

    @Test func `locked by another writer before the pass, nothing is spent`() async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...3)
            let lock = DatabaseLock()
            try lock.take(world.database.path)
            let result = try await world.program.run("--max-duration", "1s")
            lock.release()
            #expect(result.exitCode == 74)
            #expect(result.standardError.contains("another program holds a lock"))
            #expect(world.sandbox.counts.received == 0)
            #expect(try await world.program.run().exitCode == 0)
        }
    }

    /// No write waits longer for a lock than the pass may take.
    @Test func `locked by another writer during the pass, the answers wait in the spool`()
        async throws
    {
        try await PassWorld.strict { world in
            let running = try await world.startWithFourInFlight(["--max-duration", "5s"])
            let lock = DatabaseLock()
            try lock.take(world.database.path)
            world.sandbox.release()
            let result = await running.ended()
            try expectSpooled(result, saying: "another program holds a lock", world)
            lock.release()
            try await expectStored(world)
        }
    }

    // MARK: Moved

    enum Move: String, CaseIterable { case replaced, deleted }

    @Test(arguments: Move.allCases, ["DELETE", "WAL"])
    func `a database that goes away during the pass takes no token with it`(
        _ move: Move, _ journal: String
    ) async throws {
        try await PassWorld.strict { world in
            let session = try world.database.session()
            try session.execute("PRAGMA journal_mode = \(journal)")
            let running = try await world.startWithFourInFlight()
            let (path, copy) = (world.database.path, world.database.directory.file("copy"))
            try session.query("VACUUM INTO ?1", copy)
            chmod(copy, 0o600)
            switch move {
            case .replaced: rename(copy, path)
            case .deleted: unlink(path)
            }
            world.sandbox.release()
            let result = await running.ended()
            try expectSpooled(result, saying: "deleted or replaced", world)
            if move == .deleted {
                #expect(try await world.program.run().exitCode == 74)
                #expect(try world.spooled() == [2, 3, 4, 5])
                rename(copy, path)
            }
            // What belonged to the file that is gone would be taken for the new one's.
            for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
            try await expectStored(world)
        }
    }

    // MARK: Limits and mounts

    @Test func `a file-size limit that leaves no room for the spool spends nothing`() async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...8)
            var program = world.program
            program.prelude = "ulimit -f 256"
            let result = try await program.run("--concurrency", "16")
            #expect(result.exitCode == 74)
            #expect(world.sandbox.counts.received == 0)
            #expect(try await world.program.run().exitCode == 0)
        }
    }

    /// The signal of a limit may be ignored by whoever starts the program, or kill by default.
    @Test(arguments: [":", "trap '' XFSZ"])
    func `a file-size limit that is met during the pass loses nothing`(_ disposition: String)
        async throws
    {
        try await PassWorld.strict { world in
            try world.database.session().execute("PRAGMA journal_mode = WAL")
            try world.enrol(1...60)
            var program = world.program
            program.prelude = "\(disposition) && ulimit -f 800"
            let result = try await program.run("--concurrency", "2")
            #expect(result.exitCode == 74)
            #expect(result.standardError.contains("ulimit -f"), "\(result.standardError)")
            let sent = world.sandbox.counts.token
            #expect(sent > 0 && sent < 60)
            let (_, next) = try await world.document()
            #expect(next.exitCode == 0)
            #expect(try world.behind(1...60) == [])
            #expect(world.sandbox.counts.byStatus == [200: 60])
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount"))
    func `a file system that is read-only before the pass spends nothing`() async throws {
        try await PassWorld.strict { world in
            try world.enrol(1...3)
            try await ReadOnlyDirectory.with(world.database.directory.path) {
                let result = try await world.program.run()
                #expect(result.exitCode == 74)
                #expect(world.sandbox.counts.received == 0)
            }
            #expect(try await world.program.run().exitCode == 0)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount"))
    func `a file system that turns read-only during the pass loses nothing`() async throws {
        try await PassWorld.strict { world in
            let running = try await world.startWithFourInFlight()
            try await ReadOnlyDirectory.with(world.database.directory.path) {
                world.sandbox.release()
                let result = await running.ended()
                try expectSpooled(result, saying: "write", world)
            }
            try await expectStored(world)
        }
    }

    /// poll(2) refuses more descriptors than the process may have: libcurl can't wait any more.
    @Test func `answers are read though nobody can wait for them`() async throws {
        try await PassWorld.strict { world in
            try world.database.session().execute("PRAGMA journal_mode = WAL")
            let running = try await world.startWithFourInFlight()
            try ChildProcess(["prlimit", "--pid", String(running.identifier), "--nofile=1:1"])
                .wait()
            world.sandbox.release()
            let result = await running.ended()
            #expect(result.signal == nil)
            // Whatever else such a process can't do, it has lost nothing.
            let next = try await world.program.run()
            #expect(next.exitCode == 0, "\(next.standardError)")
            #expect(try world.behind(1...8) == [])
            #expect(world.sandbox.counts.byStatus == [200: 8])
        }
    }
}
