/// Exit statuses as help and manual pages print them, and as a journal remembers them.

extension ExitStatus {
    /// The whole table for a manual.
    public static var manual: String { manual(table.map { ($0.status, nil) }) }

    /// The statuses that one command can end with, in lines of 80 columns.
    /// - Parameter rows: In the order of their codes; nil stands for the meaning in the table.
    public static func manual(_ rows: [(status: ExitStatus, meaning: String?)]) -> String {
        // All of it is ASCII: every start of a program comes by here, and characters are dear.
        let widest = rows.map { String($0.status.code).utf8.count }.max() ?? 0
        return rows.map { status, meaning in
            let code = String(status.code)
            let head =
                "  " + String(repeating: " ", count: widest - code.utf8.count) + code + "  "
                + status.name + String(repeating: " ", count: 18 - status.name.utf8.count)
            let indent = head.utf8.count
            let lines = (meaning ?? status.row.meaning).wrapped(to: 78 - indent)
            return head + lines.joined(separator: "\n" + String(repeating: " ", count: indent))
        }.joined(separator: "\n")
    }

    /// The status that has a code; nil for one that is in no table.
    static func row(ofCode code: Int32) -> Row? { table.first { $0.code == code } }

    /// The name of a status by the code that a journal holds.
    static func name(ofCode code: Int32) -> String {
        row(ofCode: code)?.name ?? (code > 128 ? "INTERRUPTED" : "UNKNOWN")
    }

    static func result(ofCode code: Int32) -> String { name(ofCode: code).lowercased() }
}

extension String {
    /// Broken between words.
    func wrapped(to width: Int) -> [Substring] {
        let space = UInt8(ascii: " ")
        var lines: [Substring] = []
        var rest = self[...]
        while rest.utf8.count > width,
            let end = rest.utf8.prefix(width + 1).lastIndex(of: space)
                ?? rest.utf8.firstIndex(of: space)
        {
            lines.append(rest[..<end])
            rest = rest[rest.utf8.index(after: end)...]
        }
        return lines + [rest]
    }
}
