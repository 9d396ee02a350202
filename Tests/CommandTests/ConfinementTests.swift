/// What other users and other programs can see of a run: no secret in a command line or in a child, no
/// core dump, no file that is open to others.

import Foundation
import SandboxKit
import TestSupport
import Testing

struct ConfinementTests {
    private func process(_ running: RunningProgram, _ file: String) -> String {
        (try? String(contentsOfFile: "/proc/\(running.identifier)/\(file)", encoding: .utf8)) ?? ""
    }

    @Test func `a running pass shows no secret, dumps no core and writes for its owner only`()
        async throws
    {
        try await WatchedMachine.beside { sandbox, machine in
            let directory = machine.directory
            try directory.write(WatchedMachine.secret + "\n", to: "secret")
            machine.environment["TEAMS_CLIENT_SECRET"] = nil
            machine.environment["TEAMS_CLIENT_SECRET_FILE"] = directory.file("secret")
            machine.environment["TEAMS_LOG_FILE"] = directory.file("log")
            try machine.enrol(1...2)
            let secrets = try machine.secrets()
            sandbox.hold()
            let running = try machine.program.start(["-vv"])
            await sandbox.waitForRequests(atLeast: 1)
            for file in ["cmdline", "environ", "comm"] {
                let text = process(running, file)
                #expect(!text.isEmpty)
                for secret in secrets { #expect(!text.contains(secret)) }
            }
            #expect(process(running, "limits").contains(#/Max core file size +0 /#))
            #expect(process(running, "status").contains("Umask:\t0077"))
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
                var status = stat()
                stat(directory.file(name), &status)
                // The log is for its group too.
                let closed: mode_t = name == "log" ? 0o037 : 0o077
                #expect(status.st_mode & closed == 0, Comment(rawValue: name))
            }
            #expect(directory.exists("teams.sqlite3.maintain-teams.spool"))
            sandbox.release()
            #expect(await running.ended().exitCode == 0)
        }
    }

    @Test(
        .enabled(
            if: ProgramRunner.canBecomeNobody,
            "needs root, and a build directory that all may enter"))
    func `the memory of a running pass is closed to its own user`() async throws {
        try await WatchedMachine.beside { sandbox, machine in
            try machine.enrol(1...1)
            chown(machine.directory.path, 65534, 65534)
            chown(machine.database.path, 65534, 65534)
            var program = machine.program
            program.becomeNobody()
            sandbox.hold()
            let running = try program.start([])
            await sandbox.waitForRequests(atLeast: 1)
            #expect(process(running, "status").contains("Uid:\t65534"))
            // proc(5): with PR_SET_DUMPABLE 0 the files of the process belong to root.
            var status = stat()
            #expect(stat("/proc/\(running.identifier)/mem", &status) == 0)
            #expect(status.st_uid == 0)
            sandbox.release()
            #expect(await running.ended().exitCode == 0)
        }
    }

    @Test func `a hook sees nothing of ours in its own process`() async throws {
        var world = try HostileWorld([
            1: [.http(400, #"{"error":"invalid_grant","suberror":"bad_token"}"#)]
        ])
        try world.enrol(1...1)
        try world.watch()
        #expect(try await world.run().exitCode == 10)
        let child = world.text("child")
        #expect(child.contains(#/Max core file size +0 /#))
        #expect(child.contains("Umask: 0077"))
        for word in ["CANARY", "TEAMS_", "1.0"] { #expect(!child.contains(word)) }
        // Its input, its output, its script; nothing that we have open.
        let descriptors = world.text("descriptors")
        #expect(!descriptors.isEmpty)
        #expect(!descriptors.contains("sqlite3"))
        #expect(!descriptors.contains("socket:"))
    }
}
