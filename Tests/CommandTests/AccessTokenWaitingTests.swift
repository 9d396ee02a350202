import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct AccessTokenWaitingTests {
    @Test func `after 30s of another pass a live token is printed, a dead one is BUSY`()
        async throws
    {
        try await Installation.withSandbox { sandbox, installation in
            try installation.insert(user: "7", expiresIn: -60)
            try installation.insert(user: "8", expiresIn: 200)
            let lock = try installation.lock()
            defer { lock.release() }
            let started = ContinuousClock.now
            let dead = try installation.program("teams-token").start(["access-token", "7"])
            let live = try installation.program("teams-token").start(["access-token", "8"])
            let (deadResult, liveResult) = (await dead.ended(), await live.ended())
            #expect(ContinuousClock.now - started >= .seconds(30))
            #expect(deadResult.exitCode == 11)
            #expect(
                deadResult.standardError == """
                    teams-token: BUSY (11): another pass holds the lock (maintain-teams, pid 1), still after 30s
                      hint: it ends by itself within its time budget; TEAMS_LOCK_WAIT sets a longer wait

                    """)
            #expect(liveResult.exitCode == 0)
            #expect(liveResult.lines.count == 1)
            #expect(liveResult.standardError.contains("only: another pass holds the lock"))
            #expect(sandbox.requests.isEmpty)
        }
    }
}
