/// What each kind of value must look like. Pure, but for the time zone, which has to exist.

/// What is wrong with a value, and after a semicolon the way out. Its reader adds where it stands.
struct Complaint: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }

    /// Quotes the value: for those that are no secret.
    init(_ value: String, _ message: String) {
        let limit = 60
        let mark = value.unicodeScalars.count > limit ? "…" : ""
        self.init("\"\(value.sanitized(limit: limit))\(mark)\" \(message)")
    }
}

enum SettingChecks {
    static func text(_ value: String) throws(Complaint) -> String {
        guard value.unicodeScalars.allSatisfy({ !isControl($0) }) else {
            throw Complaint(value, "holds a control character; remove it")
        }
        return value
    }

    static func clientID(_ value: String) throws(Complaint) -> String {
        guard value.unicodeScalars.allSatisfy({ !isControl($0) && !$0.properties.isWhitespace })
        else {
            throw Complaint(value, "is not a client id; it has no spaces or control characters")
        }
        return value
    }

    /// The tenant becomes one segment of a URL.
    static func tenant(_ value: String) throws(Complaint) -> String {
        guard value.utf8.allSatisfy({ isAlphanumeric($0) || "._-".utf8.contains($0) }),
            value.utf8.contains(where: isAlphanumeric)
        else {
            throw Complaint(
                value, "is not a tenant; write its GUID, its domain, or common")
        }
        return value
    }

    /// RFC 6749 §3.3: printable ASCII without `"` and `\`, separated by spaces.
    static func scopes(_ value: String) throws(Complaint) -> String {
        guard
            value.utf8.allSatisfy({
                (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            })
        else { throw Complaint(value, "is not a list of scopes; separate them by single spaces") }
        return value
    }

    static func path(_ value: String) throws(Complaint) -> String {
        _ = try text(value)
        if value.hasPrefix("~") || value.hasPrefix("$") {
            throw Complaint(value, "is not expanded; write the whole path")
        }
        return value
    }

    static func databasePath(_ value: String) throws(Complaint) -> String {
        if value == ":memory:" || value.hasPrefix("file:") {
            throw Complaint(value, "is not the path of a file; write /path/to/teams.sqlite3")
        }
        return try path(value)
    }

    static func absolutePath(_ value: String) throws(Complaint) -> String {
        guard value.hasPrefix("/") else {
            throw Complaint(value, "is not an absolute path; begin it with /")
        }
        return try path(value)
    }

    static func duration(
        _ value: String, atLeast least: Duration
    ) throws(Complaint) -> Duration {
        guard let duration = DurationText.duration(from: value) else {
            throw Complaint(
                value,
                "is not a duration; write it as 90s, 30m, 2h or plain seconds, at most "
                    + DurationText.text(of: DurationText.maximum))
        }
        guard duration >= least else {
            throw Complaint(value, "is too short; write at least \(DurationText.text(of: least))")
        }
        return duration
    }

    static func number(_ value: String, in range: ClosedRange<Int>) throws(Complaint) -> Int {
        guard value.utf8.allSatisfy(\.isASCIIDigit),
            let number = Int(value), range.contains(number)
        else {
            throw Complaint(
                value,
                "is not a whole number from \(range.lowerBound) to \(range.upperBound); write one")
        }
        return number
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: String, of type: Choice.Type
    ) throws(Complaint) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: value) else {
            let words = Choice.allCases.map(\.rawValue)
            throw Complaint(value, "is unknown; write one of \(words.joined(separator: ", "))")
        }
        return choice
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit
    }
}
