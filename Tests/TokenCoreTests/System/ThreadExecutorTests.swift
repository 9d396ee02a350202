import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import TokenCore

@Suite struct ThreadExecutorTests {
    private actor Clerk {
        private let executor: ThreadExecutor
        private(set) var done: [Int] = []
        private(set) var threads: Set<UInt> = []
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            executor.asUnownedSerialExecutor()
        }

        init(_ name: String) { executor = ThreadExecutor(name: name) }

        func note(_ number: Int) {
            done.append(number)
            threads.insert(UInt(pthread_self()))
        }
    }

    /// How many threads of this process have a name.
    private static func threads(named name: String) -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count { task in
            (try? FilePaths.contents(of: "/proc/self/task/\(task)/comm")) == Array("\(name)\n".utf8)
        }
    }

    private static func waitFor(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while !condition() {
            if ContinuousClock.now > end { return false }
            await Task.yield()
        }
        return true
    }

    @Test func `its actor runs on one thread of its own`() async {
        let clerk = Clerk("clerk-one")
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { await clerk.note(number) } }
        }
        #expect(await clerk.done.sorted() == Array(0..<500))
        #expect(await clerk.threads.count == 1)
    }

    @Test func `jobs from one task run in order`() async {
        let clerk = Clerk("clerk-two")
        for number in 0..<500 { await clerk.note(number) }
        #expect(await clerk.done == Array(0..<500))
    }

    @Test func `tasks that prefer a thread run on it, and it ends with them`() async {
        let threads = await withTaskExecutorPreference(TaskThread(name: "clerk-four")) {
            await withTaskGroup(of: UInt.self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        await Task.yield()
                        return UInt(pthread_self())
                    }
                }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
        }
        #expect(threads.count == 1)
        #expect(await Self.waitFor { Self.threads(named: "clerk-four") == 0 })
    }

    @Test func `the thread ends with its actor, whoever lets go of it last`() async {
        for round in 0..<50 {
            let clerk = Clerk("clerk-three")
            if round % 2 == 0 { await clerk.note(round) }
            // The actor's own thread may be the last to hold it.
            if round % 5 == 0 { Task { await clerk.note(round) } }
        }
        #expect(await Self.waitFor { Self.threads(named: "clerk-three") == 0 })
    }
}
