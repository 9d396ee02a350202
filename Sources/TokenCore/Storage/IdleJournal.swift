/// Passes that had nothing to do, noted in a file beside the database. A line costs one write(2); a commit
/// would wake the disk up to five times, every quarter of an hour, for nothing. The next run that writes the
/// database takes the lines over. Nothing is synced: a power failure may cost the newest of them.

internal import FoundationEssentials
internal import Glibc

struct IdleJournal: Sendable {
    let path: String
    private let database: String

    /// A day of passes, one a quarter of an hour, has 25 KiB.
    static let capacity = 64 << 10

    init(database: String) {
        self.database = database
        path = "\(database).maintain-teams.idle"
    }

    /// Oldest first. What can't be read is not there, and a line that a power failure has cut is none.
    var entries: [JournalEntry] {
        guard FilePaths.exists(path),
            let file = try? FileDescriptor(ordinaryFile: path, flags: O_RDONLY),
            let bytes = try? file.read(count: 2 * Self.capacity, at: 0)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap(Self.entry)
    }

    /// Why the notes that are there can't be read; nil where they can be, or there are none.
    var fault: SystemError? {
        guard FilePaths.isPresent(path) else { return nil }
        do throws(SystemError) {
            _ = try FileDescriptor(ordinaryFile: path, flags: O_RDONLY)
            return nil
        } catch {
            return error
        }
    }

    /// - Returns: Whether it is noted. The caller holds the lock of the database.
    func note(_ entry: JournalEntry) -> Bool {
        guard let line = Self.line(entry), let status = try? FileStatus(path: database),
            let file = try? FileDescriptor(
                ordinaryFile: path, flags: O_WRONLY | O_CREAT | O_APPEND),
            let size = try? file.size(), size + line.count <= Self.capacity
        else { return false }
        do throws(SystemError) {
            try file.adoptAccess(of: status)
            try file.write(line)
            return true
        } catch {
            return false
        }
    }

    /// What it held is in the database.
    func discard() {
        if FilePaths.exists(path) { unlink(path) }
    }

    private static func line(_ entry: JournalEntry) -> [UInt8]? {
        guard let finishedAt = entry.finishedAt, let code = entry.exitCode else { return nil }
        let fields = [
            entry.runID, "\(entry.startedAt.wholeSeconds)", "\(finishedAt.wholeSeconds)",
            "\(code)", entry.summary ?? "",
        ]
        return Array((fields.joined(separator: "\t") + "\n").utf8)
    }

    private static func entry(_ line: Substring) -> JournalEntry? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 5, let started = date(fields[1]), let finished = date(fields[2]),
            let code = Int32(fields[3])
        else { return nil }
        return JournalEntry(
            runID: String(fields[0]), startedAt: started, finishedAt: finished, exitCode: code,
            summary: String(fields[4]))
    }

    /// Unix seconds before the year 2100.
    private static func date(_ text: Substring) -> Date? {
        guard let seconds = Int64(text), (0..<4_102_444_800).contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}
