/// Where an answer is kept between the moment it is read from the socket and the moment the database
/// has it on disk: one slot per answer that may wait, in a file whose room is allocated before the first
/// token is spent. A kill -9 leaves the answer here, and whoever refreshes next stores it first.
///
/// The slots need no lock and no index in memory: a request owns its slot until its commit.

public import FoundationEssentials
internal import Glibc
internal import Synchronization

public struct Spool: Sendable {
    /// Room that is allocated for each answer: ordinary ones have 5 KB. A longer one goes to the slot's
    /// overflow, which a full disk can refuse.
    static let slotSize = 32 << 10
    /// How many answers have room when so many requests may be in flight. Of many, as many again may wait for
    /// the disk, which keep no request from being sent; with few that is worth no token that is spent while a
    /// disk fails.
    static func slots(forRequests count: Int) -> Int { count < 64 ? count : 2 * count }

    /// A body up to this size fits a slot, with all that is written down about it.
    static let ordinaryBodySize = slotSize - 2048
    static let overflowSize = AnswerLimit.bodySize + slotSize
    private static let header = Array("maintain-teams spool 2\n".utf8)
    /// A multiple of 8, as the sizes of the slots are of a page: no length crosses two.
    private static let headerSize = 64

    private let file: FileDescriptor
    private let slots: Int
    private let marks = Marks()

    public struct Record: Equatable, Sendable {
        public let connection: ConnectionID
        public let rowID: Int64
        /// Of the refresh token that was sent.
        public let sent: Fingerprint
        public let requestedAt: Date
        /// The body of a successful answer, as received.
        public let body: [UInt8]

        public init(
            connection: ConnectionID, rowID: Int64, sent: Fingerprint, requestedAt: Date,
            body: [UInt8]
        ) {
            self.connection = connection
            self.rowID = rowID
            self.sent = sent
            self.requestedAt = requestedAt
            self.body = body
        }
    }

    /// The spool of a database: beside it, or in a directory of its own under a name that holds a hash
    /// of the database's real path.
    public static func path(forDatabase database: String, directory: String?) -> String {
        guard let directory else { return "\(database).maintain-teams.spool" }
        return "\(directory)/\(Fingerprint.shortName(of: database)).maintain-teams.spool"
    }

    /// What an earlier process left behind; empty without a file.
    /// - Throws: ``StoreError``, also for a spool of another version: it may hold the only copy of a
    ///   refresh token, and must not be overwritten.
    public static func leftovers(at path: String) throws(StoreError) -> [Record] {
        guard FilePaths.exists(path) else { return [] }
        let hint =
            "it may hold the only copy of refresh tokens: let the version that wrote it store them, "
            + "or move it aside"
        do throws(SystemError) {
            let file = try FileDescriptor(ordinaryFile: path, flags: O_RDONLY)
            let start = try file.read(count: headerSize, at: 0)
            // Killed before the first token was spent.
            if start.count < headerSize || start.allSatisfy({ $0 == 0 }) { return [] }
            if start.starts(with: header) { return try records(in: file, start) }
        } catch {
            let isDenied = error.code == EACCES || error.code == EPERM
            throw StoreError(
                "the spool can't be read: \(error)",
                hint: isDenied
                    ? "give it the owner, group and mode of the database; never delete it: it may hold the "
                        + "only copy of refresh tokens" : hint)
        }
        throw StoreError(
            "\(path) is no spool of this version of the program, or damaged", hint: hint)
    }

    private static func records(
        in file: FileDescriptor, _ start: [UInt8]
    ) throws(SystemError) -> [Record] {
        let slots = Int(start[header.count]) | Int(start[header.count + 1]) << 8
        var records: [Record] = []
        for slot in 0..<slots {
            for (end, room) in [
                (end(of: slot), slotSize), (overflowEnd(of: slot, slots: slots), overflowSize),
            ] {
                let length = lengthField(try file.read(count: 8, at: end - 8))
                guard length > 0, length <= room - 8 else { continue }
                let payload = try file.read(count: length, at: end - 8 - length)
                if payload.count == length, let record = Record(payload) { records.append(record) }
            }
        }
        return records
    }

    /// Makes an empty spool with room for `slots` answers.
    /// - Throws: ``SystemError``, for example when the disk is full: nothing has been spent yet.
    public static func reserve(
        at path: String, slots: Int, like database: FileStatus
    ) throws(SystemError) -> Spool {
        let file = try FileDescriptor(ordinaryFile: path, flags: O_RDWR | O_CREAT)
        try file.adoptAccess(of: database)
        try file.truncate(to: 0)
        do throws(SystemError) {
            try file.allocate(size: headerSize + slots * slotSize)
        } catch {
            // What was given of it would keep others from writing.
            try? file.truncate(to: 0)
            throw error
        }
        try file.write(header + [UInt8(slots & 0xFF), UInt8(slots >> 8)], at: 0)
        return Spool(file: file, slots: slots)
    }

    /// Puts an answer into a slot, at its end, with the length behind it. The kernel copies one write from
    /// front to back and can be killed only between pages; the length lies within one, so it is there only
    /// when all before it is. Safe on any thread.
    public func put(_ record: Record, in slot: Int) throws(SystemError) {
        var bytes = record.encoded
        bytes += Self.lengthField(bytes.count)
        let end: Int
        if bytes.count <= Self.slotSize {
            end = Self.end(of: slot)
        } else {
            end = Self.overflowEnd(of: slot, slots: slots)
            marks.hasOverflow.store(true, ordering: .relaxed)
        }
        try file.write(bytes, at: end - bytes.count)
        marks.isUnsynced.store(true, ordering: .relaxed)
    }

    /// Empties a slot whose answer is in the database.
    public func clear(_ slot: Int) throws(SystemError) {
        try file.write(Self.noLength, at: Self.end(of: slot) - 8)
        if marks.hasOverflow.load(ordering: .relaxed) {
            try file.write(Self.noLength, at: Self.overflowEnd(of: slot, slots: slots) - 8)
        }
    }

    /// Makes what is in the slots outlive a power failure: when the database could not take it.
    public func synchronize() throws(SystemError) {
        guard marks.isUnsynced.exchange(false, ordering: .relaxed) else { return }
        do throws(SystemError) {
            try file.synchronize()
            try Self.synchronizeDirectory(of: file.path)
        } catch {
            marks.isUnsynced.store(true, ordering: .relaxed)
            throw error
        }
    }

    private final class Marks: Sendable {
        /// Whether something was put in since it was synced: of a thousand saves that fail one syncs.
        let isUnsynced = Atomic(false)
        /// Whether an answer was too long for its slot.
        let hasOverflow = Atomic(false)
    }

    /// Removes a spool in which nothing is left to store.
    public static func discard(at path: String) { unlink(path) }

    /// Where the answers are kept that a rule of the table refuses.
    static func refusedPath(_ path: String) -> String { "\(path).refused" }

    /// Makes a file hold these answers and no others, in one durable step.
    static func keep(
        _ records: [Record], at path: String, like database: FileStatus
    ) throws(SystemError) {
        let next = "\(path).new"
        let spool = try reserve(at: next, slots: records.count, like: database)
        for (slot, record) in records.enumerated() { try spool.put(record, in: slot) }
        try spool.file.synchronize()
        guard rename(next, path) == 0 else { throw .last("rename \(next)") }
        try synchronizeDirectory(of: path)
    }

    private static func synchronizeDirectory(of path: String) throws(SystemError) {
        let directory = FilePaths.directory(of: path)
        try FileDescriptor(path: directory, flags: O_RDONLY | O_DIRECTORY).synchronize()
    }

    private static func end(of slot: Int) -> Int { headerSize + (slot + 1) * slotSize }

    private static func overflowEnd(of slot: Int, slots: Int) -> Int {
        headerSize + slots * slotSize + (slot + 1) * overflowSize
    }

    private static let noLength = lengthField(0)

    private static func lengthField(_ length: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    private static func lengthField(_ bytes: [UInt8]) -> Int {
        bytes.count == 8
            ? bytes.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) } : 0
    }
}

extension Spool.Record {
    /// The fields, each behind its length; the body last.
    fileprivate var encoded: [UInt8] {
        let user =
            switch connection.userID {
            case .integer(let number): "i\(number)"
            case .text(let text): "t\(text)"
            }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + user.utf8.count + connection.provider.utf8.count + 128)
        Self.append(user.utf8, to: &bytes)
        Self.append(connection.provider.utf8, to: &bytes)
        Self.append(String(rowID).utf8, to: &bytes)
        Self.append(sent.bytes, to: &bytes)
        Self.append(String(requestedAt.wholeSeconds).utf8, to: &bytes)
        Self.append(body, to: &bytes)
        return bytes
    }

    private static func append(_ field: some Collection<UInt8>, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(field.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: field)
    }

    /// Nil for bytes that are no record.
    fileprivate init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var fields: [ArraySlice<UInt8>] = []
        while rest.count >= 4 {
            let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { return nil }
            fields.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        guard fields.count == 6, rest.isEmpty else { return nil }
        let text = fields.map { String(decoding: $0, as: UTF8.self) }
        guard let rowID = Int64(text[2]), let seconds = Double(text[4]) else { return nil }
        let userID: UserID
        switch text[0].first {
        case "i":
            guard let number = Int64(text[0].dropFirst()) else { return nil }
            userID = .integer(number)
        case "t": userID = .text(String(text[0].dropFirst()))
        default: return nil
        }
        self.init(
            connection: ConnectionID(userID: userID, provider: text[1]), rowID: rowID,
            sent: Fingerprint(bytes: Array(fields[3])),
            requestedAt: Date(timeIntervalSince1970: seconds), body: Array(fields[5]))
    }
}
