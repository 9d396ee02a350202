/// Text from outside as part of a command that somebody is told to run.

extension String {
    /// As one word of a POSIX shell (XCU 2.2.2). Whole, so that the command does what it says, but
    /// for control characters.
    var shellQuoted: String {
        let isPlain = utf8.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || "/._-+@%:,=".utf8.contains($0)
        }
        if isPlain, !isEmpty, !hasPrefix("-") { return self }
        return quoted(escapingAs: #"'\''"#)
    }

    fileprivate func quoted(escapingAs escape: String) -> String {
        let parts = sanitized(limit: .max).split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: escape) + "'"
    }
}

extension UserID {
    /// As a literal of SQL.
    var sqlLiteral: String {
        switch self {
        case .integer(let number): String(number)
        case .text(let text): text.quoted(escapingAs: "''")
        }
    }
}
