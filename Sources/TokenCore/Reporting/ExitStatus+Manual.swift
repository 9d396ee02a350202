/// Exit statuses as help and manual pages print them, and as a journal remembers them.

extension ExitStatus {
    /// The whole table for a manual.
    public static var manual: String { manual(table.map { ($0.status, nil) }) }

    /// The statuses that one command can end with, in lines of 80 columns.
    /// - Parameter rows: In the order of their codes; nil stands for the meaning in the table.
    public static func manual(_ rows: [(status: ExitStatus, meaning: String?)]) -> String {
        let widest = rows.map { String($0.status.code).count }.max() ?? 0
        return rows.map { status, meaning in
            let code = String(status.code)
            let head =
                "  " + String(repeating: " ", count: widest - code.count) + code + "  "
                + status.name.padded(to: 18)
            let lines = (meaning ?? status.row.meaning).wrapped(to: 78 - head.count)
            return head + lines.joined(separator: "\n" + String(repeating: " ", count: head.count))
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
    fileprivate func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
