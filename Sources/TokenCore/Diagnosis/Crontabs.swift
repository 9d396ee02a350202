/// The lines of this machine's crontabs that start passes, as files.

struct Crontabs {
    /// Before the paths.
    let root: String

    private static let job = "maintain-teams"

    struct Line: Equatable {
        let file: String
        /// Nil where they are no times of every day.
        let times: CronTimes?
        /// Whom it runs as; nil in a user's own table.
        let user: String?
        /// Whether it does nothing where systemd runs.
        let isGuarded: Bool
        let lacksLineEnd: Bool
        /// The job, as the line calls it.
        let program: String

        /// Whether cron reads it as root's, with a user in each line.
        var isOfSystem: Bool { user != nil }
        /// Whether it stands among the files of packages.
        var isPackaged: Bool { file.hasPrefix("/etc/cron.d/") }
    }

    /// - Returns: The lines that start the job, and a place that this user can't look into.
    func lines() -> (lines: [Line], unreadable: String?) {
        var lines: [Line] = []
        var unreadable: String?
        let tables = ["/etc/crontab"]
        let folders = ["/etc/cron.d", "/var/spool/cron/crontabs", "/var/spool/cron"]
        for folder in folders {
            guard FilePaths.exists(root + folder) else { continue }
            guard let names = FilePaths.names(in: root + folder) else {
                unreadable = folder
                continue
            }
            lines += names.sorted().flatMap { self.lines(of: "\(folder)/\($0)") }
        }
        return (tables.flatMap(self.lines) + lines, unreadable)
    }

    private func lines(of file: String) -> [Line] {
        guard let bytes = try? FilePaths.contents(of: root + file) else { return [] }
        let namesUser = file == "/etc/crontab" || file.hasPrefix("/etc/cron.d/")
        // A carriage return before a line end is one character with it, and no end of a line.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return lines.enumerated().compactMap { index, line in
            let entry = line.trimmed
            guard !entry.hasPrefix("#"), isEntry(entry) else { return nil }
            let words = entry.split(whereSeparator: \.isWhitespace).map(String.init)
            let times = Array(words.prefix(entry.hasPrefix("@") ? 1 : 5))
            let rest = words.dropFirst(times.count)
            guard let program = program(in: rest.dropFirst(namesUser ? 1 : 0)) else { return nil }
            return Line(
                file: file, times: CronTimes(times), user: namesUser ? rest.first : nil,
                isGuarded: entry.contains("/run/systemd/system"),
                lacksLineEnd: index == lines.count - 1, program: program)
        }
    }

    /// The word of a command that is our program: not `/var/lib/maintain-teams`.
    private func program(in command: ArraySlice<String>) -> String? {
        command.flatMap { $0.split(whereSeparator: { ";&|()'\"".contains($0) }).map(String.init) }
            .first { word in
                (word == Self.job || word.hasSuffix("/\(Self.job)"))
                    && FilePaths.names(in: root + word) == nil
            }
    }

    /// Not `MAILTO=maintain-teams@…`: a schedule begins with a minute or with `@`.
    private func isEntry(_ line: String) -> Bool {
        line.first.map { $0.isNumber || "*@-".contains($0) } ?? false
    }

    /// Whether somebody reads them; nil where that does not show.
    var isRead: Bool? {
        // Some systems turn crontabs into timers.
        let generator = "/usr/lib/systemd/system-generators/systemd-crontab-generator"
        if FilePaths.exists(root + generator) { return true }
        // Where the first process is hidden, others are too.
        guard FilePaths.exists("\(root)/proc/1/comm"),
            let processes = FilePaths.names(in: "\(root)/proc")
        else { return nil }
        return processes.contains { process in
            guard process.first?.isNumber == true,
                let name = try? FilePaths.contents(of: "\(root)/proc/\(process)/comm")
            else { return false }
            return ["cron", "crond", "fcron"].contains(
                String(decoding: name, as: UTF8.self).trimmed)
        }
    }
}
