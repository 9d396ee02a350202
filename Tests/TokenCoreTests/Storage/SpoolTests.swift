import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import TokenCore

@Suite struct SpoolTests {
    private let directory: ScratchDirectory
    private let path: String
    private let database: FileStatus

    init() throws {
        directory = try ScratchDirectory()
        path = Spool.path(forDatabase: "\(directory.path)/teams.sqlite3", directory: nil)
        database = try FileStatus(path: directory.write([], to: "teams.sqlite3"))
    }

    private func spool(_ slots: Int = 4) throws -> Spool {
        try Spool.reserve(at: path, slots: slots, like: database)
    }

    static func record(
        _ user: UserID = .integer(7), bytes: Int = 20, fill: UInt8 = 0x61, rowID: Int64 = 3
    ) -> Spool.Record {
        Spool.Record(
            connection: ConnectionID(userID: user, provider: "microsoft"), rowID: rowID,
            sent: .ofToken(Secret("rt-7")), requestedAt: Date(timeIntervalSince1970: 1_795_348_800),
            body: Array(repeating: fill, count: bytes))
    }

    @Test func `it lies beside the database, or elsewhere under a name of its own`() {
        let beside = Spool.path(forDatabase: "/data/a.sqlite3", directory: nil)
        #expect(beside == "/data/a.sqlite3.maintain-teams.spool")
        let first = Spool.path(forDatabase: "/data/a.sqlite3", directory: "/spool")
        let second = Spool.path(forDatabase: "/data/b.sqlite3", directory: "/spool")
        #expect(first != second)
        #expect(first.hasPrefix("/spool/") && first.hasSuffix(".maintain-teams.spool"))
        #expect(first == Spool.path(forDatabase: "/data/a.sqlite3", directory: "/spool"))
    }

    @Test(arguments: [
        UserID.integer(7), .integer(.min), .integer(.max), .text("7"), .text("007"), .text(""),
        .text("i7"), .text("ärger@example.com 🙂"), .text("a\0b\n"),
    ])
    func `an answer comes back as it was put`(_ user: UserID) throws {
        let record = Self.record(user)
        try spool().put(record, in: 2)
        #expect(try Spool.leftovers(at: path) == [record])
    }

    @Test(arguments: [0, 1, 5_000, 16_000, 16_200, 16_384, 17_000, 100_000, 1 << 20])
    func `answers of every size come back`(_ size: Int) throws {
        let spool = try spool()
        let record = Self.record(bytes: size)
        let neighbour = Self.record(.text("n"), bytes: size, fill: 0x62)
        try spool.put(record, in: 0)
        try spool.put(neighbour, in: 3)
        #expect(try Spool.leftovers(at: path) == [record, neighbour])
        try spool.clear(0)
        #expect(try Spool.leftovers(at: path) == [neighbour])
        try spool.clear(3)
        #expect(try Spool.leftovers(at: path) == [])
    }

    /// Around the edge of a slot, to the byte.
    @Test func `no answer runs into its neighbour's slot`() throws {
        let spool = try spool()
        let overhead = 96
        for size in (Spool.slotSize - overhead - 64)...(Spool.slotSize - overhead + 64) {
            let records = (0..<4).map {
                Self.record(.integer(Int64($0)), bytes: size, fill: UInt8($0 + 1))
            }
            for slot in [3, 1, 0, 2] { try spool.put(records[slot], in: slot) }
            #expect(try Spool.leftovers(at: path) == records)
            for slot in 0..<4 { try spool.clear(slot) }
            #expect(try Spool.leftovers(at: path).isEmpty)
        }
    }

    @Test func `a slot is used again, for longer and shorter answers`() throws {
        let spool = try spool(1)
        for size in [5_000, 100_000, 3, 16_300, 1 << 20, 0] {
            let record = Self.record(bytes: size)
            try spool.put(record, in: 0)
            #expect(try Spool.leftovers(at: path) == [record])
            try spool.clear(0)
            #expect(try Spool.leftovers(at: path).isEmpty)
        }
    }

    @Test func `room is there before anything is put, and no more is needed for ordinary answers`()
        throws
    {
        let spool = try spool(50)
        let reserved = try FileStatus(path: path).size
        #expect(reserved >= 50 * Spool.slotSize)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(Int(status.st_blocks) * 512 >= reserved)
        for slot in 0..<50 { try spool.put(Self.record(bytes: 16_000), in: slot) }
        #expect(try FileStatus(path: path).size == reserved)
        #expect(try Spool.leftovers(at: path).count == 50)
    }

    @Test func `many threads put at once`() async throws {
        let spool = try spool(64)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for slot in 0..<64 {
                group.addTask {
                    let bytes = slot % 8 == 0 ? 50_000 : 5_000
                    try spool.put(Self.record(.integer(Int64(slot)), bytes: bytes), in: slot)
                    if slot % 2 == 1 { try spool.clear(slot) }
                }
            }
            try await group.waitForAll()
        }
        let users = try Spool.leftovers(at: path).map(\.connection.userID)
        let kept = stride(from: Int64(0), to: 64, by: 2).map { UserID.integer($0) }
        #expect(users == kept)
    }

    @Test func `reserving empties what was there`() throws {
        try spool().put(Self.record(bytes: 100_000), in: 1)
        _ = try spool(2)
        #expect(try Spool.leftovers(at: path).isEmpty)
        #expect(try FileStatus(path: path).size < 100_000)
    }

    @Test func `without a file nothing is left over`() throws {
        #expect(try Spool.leftovers(at: path).isEmpty)
        Spool.discard(at: path)
        _ = try spool()
        Spool.discard(at: path)
        #expect(directory.names == ["teams.sqlite3"])
    }

    // MARK: What a death in between leaves behind

    @Test func `killed before the length was written, the answer is no answer`() throws {
        let spool = try spool()
        try spool.put(Self.record(), in: 1)
        let file = try FileDescriptor(path: path, flags: O_RDWR)
        // The last bytes of the write, undone.
        try file.write(Array(repeating: 0, count: 8), at: 64 + 2 * Spool.slotSize - 8)
        #expect(try Spool.leftovers(at: path).isEmpty)
    }

    @Test func `every byte that is missing makes the answer none, never half of one`() throws {
        let record = Self.record(bytes: 300)
        try spool(1).put(record, in: 0)
        let name = "teams.sqlite3.maintain-teams.spool"
        let bytes = try directory.bytes(of: name)
        let start = try #require(bytes[64...].firstIndex { $0 != 0 })
        let end = try #require(bytes.lastIndex { $0 != 0 }) + 1
        for length in start..<end {
            // The file ends there, or no more of the write than that was carried out.
            try directory.write(Array(bytes[..<length]), to: name)
            #expect(try Spool.leftovers(at: path).isEmpty, "\(length) bytes")
            let nothing = [UInt8](repeating: 0, count: bytes.count - length)
            try directory.write(Array(bytes[..<length]) + nothing, to: name)
            #expect(try Spool.leftovers(at: path).isEmpty, "\(length) bytes of it")
        }
        for count in 1...(bytes.count - 8 - start) {
            let lost = repeatElement(UInt8(0), count: count)
            var torn = bytes
            torn.replaceSubrange(start..<start + count, with: lost)
            try directory.write(torn, to: name)
            #expect(try Spool.leftovers(at: path).isEmpty, "\(count) bytes at the front")
        }
        try directory.write(bytes, to: name)
        #expect(try Spool.leftovers(at: path) == [record])
    }

    @Test func `an answer cut off does not hide the others`() throws {
        let spool = try spool()
        try spool.put(Self.record(.integer(1)), in: 0)
        try spool.put(Self.record(.integer(2)), in: 1)
        try spool.put(Self.record(.integer(3)), in: 2)
        let file = try FileDescriptor(path: path, flags: O_RDWR)
        let end = 64 + 2 * Spool.slotSize - 8
        let length =
            Int(try file.read(count: 1, at: end)[0])
            + Int(try file.read(count: 1, at: end + 1)[0]) << 8
        try file.write([0xFF, 0xFF, 0xFF, 0xFF], at: end - length)
        let left = try Spool.leftovers(at: path).map(\.connection.userID)
        #expect(left == [.integer(1), .integer(3)])
    }

    private static let beginnings: [[UInt8]] = [
        [], [0], Array("maintain-teams spool 2".utf8), Array("maintain-teams spool 2\n".utf8),
        Array("maintain-teams spool 2\n\u{1}".utf8), Array("maintain-teams spool 1\n".utf8),
        Array("maintain-teams spool 2\n".utf8) + [0xFF, 0xFF] + Array(repeating: 0xFF, count: 39),
        Array("maintain-teams spool 2\n".utf8) + [0xFF, 0xFF]
            + Array(repeating: 0xFF, count: 40_000),
        Array(repeating: 0, count: 100_000),
    ]

    @Test(arguments: beginnings.indices)
    func `a file that was hardly begun, or holds noise, holds no answer`(_ index: Int) throws {
        try directory.write(Self.beginnings[index], to: "teams.sqlite3.maintain-teams.spool")
        #expect(try Spool.leftovers(at: path).isEmpty)
    }

    @Test func `random bytes never crash and are never an answer`() throws {
        var random = SeededGenerator(seed: 20_261_122)
        let name = "teams.sqlite3.maintain-teams.spool"
        let header =
            Array("maintain-teams spool 2\n".utf8) + [3, 0] + Array(repeating: 0, count: 39)
        for _ in 0..<40 {
            let words = (0..<random.next() % 15_000).map { _ in random.next() }
            let noise = words.withUnsafeBytes { Array($0) }
            var bytes = header + noise
            // A believable length, so that the payload itself is looked at.
            for slot in 1...3 where bytes.count >= 64 + slot * Spool.slotSize {
                let end = 64 + slot * Spool.slotSize
                bytes.replaceSubrange(
                    end - 8..<end, with: [UInt8(random.next() % 256), 1, 0, 0, 0, 0, 0, 0])
            }
            try directory.write(bytes, to: name)
            #expect(try Spool.leftovers(at: path).isEmpty)
        }
    }

    @Test func `flipped bits never crash`() throws {
        try spool(1).put(Self.record(bytes: 40), in: 0)
        let name = "teams.sqlite3.maintain-teams.spool"
        let bytes = try directory.bytes(of: name)
        let start = try #require(bytes[64...].firstIndex { $0 != 0 })
        for place in Array(0..<64) + Array(start..<bytes.count) {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                try directory.write(damaged, to: name)
                // Damage in the first line makes it a file that this program did not write.
                guard let left = try? Spool.leftovers(at: path) else {
                    #expect(place < 64)
                    continue
                }
                #expect(left.count <= 1)
            }
        }
    }

    @Test func `a spool of another version is left alone`() throws {
        let name = "teams.sqlite3.maintain-teams.spool"
        let theirs = Array("maintain-teams spool 1\n".utf8) + [UInt8](repeating: 7, count: 500)
        try directory.write(theirs, to: name)
        let error = #expect(throws: StoreError.self) { try Spool.leftovers(at: path) }
        #expect(error?.message.contains("no spool of this version") == true)
        #expect(error?.hint?.contains("the only copy of refresh tokens") == true)
        #expect(try directory.bytes(of: name) == theirs)
    }

    @Test func `a pipe in its place is not waited for`() throws {
        #expect(mkfifo(path, 0o600) == 0)
        let error = #expect(throws: StoreError.self) { try Spool.leftovers(at: path) }
        #expect(error?.message.contains("no ordinary file") == true)
        #expect(throws: SystemError.self) {
            try Spool.reserve(at: path, slots: 1, like: database)
        }
    }

    @Test func `what is kept takes the place of what was kept before, in one step`() throws {
        for count in [3, 1, 40] {
            let records = (1...count).map { Self.record(.integer(Int64($0)), bytes: 3_000) }
            try Spool.keep(records, at: Spool.refusedPath(path), like: database)
            #expect(try Spool.leftovers(at: Spool.refusedPath(path)) == records)
        }
        #expect(directory.names == ["teams.sqlite3", "teams.sqlite3.maintain-teams.spool.refused"])
    }

    // MARK: Who may read it

    @Test(arguments: [
        (0o600, 0o600), (0o640, 0o640), (0o660, 0o660), (0o644, 0o640), (0o666, 0o660),
        (0o400, 0o600),
    ])
    func `its mode follows the database without the world`(mode: UInt32, expected: UInt32) throws {
        chmod(database.path, mode)
        for _ in 1...2 {
            _ = try Spool.reserve(at: path, slots: 1, like: FileStatus(path: database.path))
            #expect(try FileStatus(path: path).permissions == expected)
            // An existing one is put right.
            chmod(path, 0o777)
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away"))
    func `its owner follows the database`() throws {
        chown(database.path, 1234, 4321)
        _ = try Spool.reserve(at: path, slots: 1, like: FileStatus(path: database.path))
        let status = try FileStatus(path: path)
        #expect(status.owner == 1234)
        #expect(status.group == 4321)
    }

    @Test func `a symbolic link is refused, and what it names stays as it was`() throws {
        let victim = try directory.write(Array("precious".utf8), to: "victim", mode: 0o644)
        symlink(victim, path)
        #expect(throws: SystemError.self) { try spool() }
        #expect(throws: StoreError.self) { try Spool.leftovers(at: path) }
        #expect(try directory.bytes(of: "victim") == Array("precious".utf8))
        #expect(try FileStatus(path: victim).permissions == 0o644)
    }

    @Test func `a directory in its place is an error, not a crash`() {
        mkdir(path, 0o700)
        #expect(throws: SystemError.self) { try spool() }
        #expect(throws: StoreError.self) { try Spool.leftovers(at: path) }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
    func `a full disk is noticed before anything is spent`() async throws {
        try await SmallDisk.with(kilobytes: 256) { disk in
            let path = disk.directory.file("spool")
            let error = #expect(throws: SystemError.self) {
                try Spool.reserve(at: path, slots: 100, like: database)
            }
            #expect(error?.code == ENOSPC)
            // Room for a few: ordinary answers fit, however full the disk becomes meanwhile.
            let spool = try Spool.reserve(at: path, slots: 4, like: database)
            disk.fill()
            for slot in 0..<4 { try spool.put(Self.record(bytes: 5_000), in: slot) }
            #expect(throws: SystemError.self) {
                try spool.put(Self.record(bytes: 500_000), in: 0)
            }
            // The long one that found no room has not damaged the rest.
            #expect(try Spool.leftovers(at: path).count == 4)
        }
    }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
