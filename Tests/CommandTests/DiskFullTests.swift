/// A full disk: noticed before a token is spent, and survived by every answer when it fills up later.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

@Suite(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
struct DiskFullTests {
    /// In WAL mode the index of the log is a memory map, which a full disk must not turn into SIGBUS.
    @Test(arguments: ["DELETE", "WAL"])
    func `full before the pass, nothing is spent`(_ journal: String) async throws {
        try await SmallDisk.with(kilobytes: 2048) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                try world.database.session().execute("PRAGMA journal_mode = \(journal)")
                try world.enrol(1...20)
                disk.fill()
                for arguments in [[], ["--concurrency", "1"]] {
                    let result = try await world.program.run(arguments)
                    #expect(result.exitCode == 74)
                    #expect(
                        result.errorLines.first?.hasPrefix("maintain-teams: DATABASE (74): ")
                            == true)
                    #expect(
                        result.standardError.contains("full")
                            || result.standardError.contains("space"))
                    #expect(!result.standardError.contains("in the spool"))
                }
                #expect(world.sandbox.counts.received == 0)
                disk.empty()
                #expect(try await world.program.run().exitCode == 0)
                #expect(try world.behind(1...20) == [])
            }
        }
    }

    @Test func `room for the tables but not for the spool, nothing is spent`() async throws {
        try await SmallDisk.with(kilobytes: 2048) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                try world.enrol(1...20)
                let result = try await world.program.run("--concurrency", "200")
                #expect(result.exitCode == 74)
                #expect(result.standardError.contains("reserve room in"))
                #expect(world.sandbox.counts.received == 0)
                // Nobody has killed it.
                let tool = ProgramRunner(
                    "teams-token",
                    environment: world.program.environment.merging(["TEAMS_CONCURRENCY": "200"]) {
                        $1
                    })
                let passes =
                    try await tool.run("history", "--json").json["passes"] as? [[String: Any]]
                #expect(passes?.first?["exit_code"] as? Int == 74)
                #expect((passes?.first?["reason"] as? String)?.contains("reserve room") == true)
                #expect(try await tool.run("history").standardOutput.contains("reserve room in"))
                let health = try await tool.run("health", "--json").standardOutput
                #expect(health.contains("ago with DATABASE (74)"))
                #expect(!health.contains("was killed"))
                let doctor = try await tool.run("doctor", "--json")
                #expect(doctor.exitCode == 74)
                #expect(
                    doctor.firstErrorLine.hasPrefix(
                        "teams-token: DATABASE (74): the last pass, "), "\(doctor)")
                #expect(doctor.firstErrorLine.contains("ended with DATABASE (74): reserve room"))
                #expect(doctor.standardOutput.contains("for 400 answers, 12800 KiB"))
            }
        }
    }

    @Test(.enabled(if: SmallDisk.hasBlocks, "needs mkfs.ext4 and a loop device"))
    func `room that could not be had whole is given back`() async throws {
        try await SmallDisk.withBlocks(kilobytes: 4096) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                try world.enrol(1...2)
                let free = { FilePaths.freeSpace(disk.directory.path) ?? 0 }
                let result = try await world.program.run("--concurrency", "200")
                #expect(result.exitCode == 74)
                #expect(result.standardError.contains("reserve room in"))
                #expect(free() > 1 << 20)
                #expect(try await world.program.run().exitCode == 0)
            }
        }
    }

    @Test(arguments: ["DELETE", "WAL"], ["maintain-teams", "teams-token"])
    func `filled up during the pass, what was received waits for room`(
        _ journal: String, _ name: String
    ) async throws {
        try await SmallDisk.with(kilobytes: 2048) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                try world.database.session().execute("PRAGMA journal_mode = \(journal)")
                var program = ProgramRunner(name, environment: world.program.environment)
                program.environment["TEAMS_CONCURRENCY"] = "4"
                let arguments = name == "teams-token" ? ["refresh", "--all"] : []
                try world.enrol(1...8)
                world.sandbox.hold(from: 2)
                let running = try program.start(arguments)
                await world.sandbox.waitForRequests(atLeast: 5)
                disk.fill()
                world.sandbox.release()
                let result = await running.ended()
                #expect(result.exitCode == 74)
                #expect(result.errorLines.first?.hasPrefix("\(name): DATABASE (74): ") == true)
                #expect(result.standardError.contains("wait in the spool"))
                #expect(world.sandbox.counts.token == 5)
                #expect(try world.spooled() == [2, 3, 4, 5])
                // Still no room: the spool stays, and nothing more is spent.
                let again = try await program.run(arguments)
                #expect(again.exitCode == 74)
                #expect(again.standardError.contains("wait in the spool"), "\(again)")
                #expect(world.sandbox.counts.token == 5)
                #expect(try world.spooled() == [2, 3, 4, 5])
                disk.empty()
                let next = try await program.run(arguments + ["--json"])
                #expect(next.exitCode == 0)
                #expect(
                    try Document(next.standardOutput).warnings.first?.hasPrefix("stored 4 tokens")
                        == true)
                #expect(world.sandbox.counts.token == 8)
                #expect(try world.behind(1...8) == [])
                #expect(world.sandbox.counts.byStatus == [200: 8])
            }
        }
    }

    /// Longer than a slot of the spool: what is not needed of it is left out.
    @Test func `an answer of unusual length is kept on a full disk too`() async throws {
        try await SmallDisk.with(kilobytes: 2048) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                for user in 2...5 {
                    world.sandbox.script(
                        user: String(user), faults: [Fault(.huge(bytes: 300_000))])
                }
                let running = try await world.startWithFourInFlight()
                disk.fill()
                world.sandbox.release()
                #expect(await running.ended().exitCode == 74)
                #expect(try world.spooled() == [2, 3, 4, 5])
                disk.empty()
                #expect(try await world.program.run().exitCode == 0)
                #expect(try world.behind(1...8) == [])
            }
        }
    }

    @Test func `a spool elsewhere does not need the database's disk`() async throws {
        try await SmallDisk.with(kilobytes: 2048) { disk in
            try await PassWorld.strict(in: disk.directory) { world in
                let elsewhere = try TemporaryDirectory()
                var program = world.program
                program.environment["TEAMS_SPOOL_DIRECTORY"] = elsewhere.path
                let running = try await world.startWithFourInFlight(with: program)
                disk.fill()
                world.sandbox.release()
                #expect(await running.ended().exitCode == 74)
                disk.empty()
                #expect(try await program.run().exitCode == 0)
                #expect(try world.behind(1...8) == [])
                #expect(world.sandbox.counts.token == 8)
            }
        }
    }
}
