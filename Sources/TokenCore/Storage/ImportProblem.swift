/// Why a line can't be imported, in words that help and hold nothing of the line: whatever stands in the
/// wrong column may be a token.

struct ImportProblem: Error, Equatable, Sendable, CustomStringConvertible {
    let line: Int
    /// Nil when it is about the whole line.
    let column: String?
    let message: String

    init(line: Int, column: ImportColumn? = nil, _ message: String) {
        self.line = line
        self.column = column?.rawValue
        self.message = message
    }

    var description: String { "line \(line): \(column.map { "\($0): " } ?? "")\(message)" }
}

extension ImportProblem {
    static func duplicate(line: Int, first: Int) -> ImportProblem {
        ImportProblem(
            line: line, column: .userID, "the same user as in line \(first); keep one of the two")
    }

    static func exists(line: Int) -> ImportProblem {
        ImportProblem(line: line, column: .userID, "this user is in the table already")
    }
}
