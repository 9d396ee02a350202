/// The config file: `KEY=value` lines, so simple that systemd's `EnvironmentFile=` and docker's
/// `--env-file` read the same values from it.
///
/// Blank lines and lines that begin with `#` are skipped. Spaces around key and value and one pair of
/// quotes around the whole value are removed; nothing is expanded, and no comment follows a value.

struct EnvFile: Equatable, Sendable {
    let path: String
    /// In the order of the file, each key once.
    private(set) var entries: [Entry] = []
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [String] = []

    struct Entry: Equatable, Sendable {
        let key: String
        /// Empty means the same as a missing line.
        let value: String
        let line: Int
    }

    /// Reads what can be read, and notes what can't.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        if bytes.contains(0) {
            let line = bytes.prefix { $0 != 0 }.count { $0 == UInt8(ascii: "\n") } + 1
            note(line: line, "holds a NUL byte; save it as plain text in UTF-8")
            return
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() { read(line, number: index + 1) }
    }

    /// Whether the file has a line for the key that could not be read, or is no text at all.
    func hidesValue(of key: String) -> Bool {
        problems.contains { $0.key == key } || entries.isEmpty && !problems.isEmpty
    }

    subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    private mutating func read(_ bytes: ArraySlice<UInt8>, number: Int) {
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            return note(line: number, "is not valid UTF-8; save the file in UTF-8")
        }
        let line = decoded.trimmed
        if line.isEmpty || line.hasPrefix("#") { return }
        // A line without a key may be the rest of a secret, so it is never echoed.
        guard let sign = line.firstIndex(of: "=") else {
            return note(line: number, "has no =; write KEY=value")
        }
        let key = line[..<sign].trimmed
        if key.hasPrefix("export ") {
            return note(line: number, "is not a shell script; remove the word export")
        }
        guard Self.isName(key) else {
            return note(line: number, "has no key before the =; write KEY=value")
        }
        if let earlier = self[key] {
            return note(
                line: number, key: key,
                "is already set in line \(earlier.line); remove one of the two lines")
        }
        let value = line[line.index(after: sign)...].trimmed
        guard let first = value.first, first == "\"" || first == "'" else {
            if value.contains(" #") {
                let source = SettingSource.file(path, line: number)
                warnings.append(
                    "\(source): \(key): no comment can follow a value, so # and the rest belong to it"
                )
            }
            return entries.append(Entry(key: key, value: value, line: number))
        }
        guard value.count > 1, value.last == first else {
            return note(
                line: number, key: key, "begins with a quote that does not end the line; close it")
        }
        entries.append(Entry(key: key, value: String(value.dropFirst().dropLast()), line: number))
    }

    /// Longer or stranger than this it may be a secret that lost its key.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 40 else { return false }
        return !first.isASCIIDigit
            && text.utf8.allSatisfy {
                $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_")
            }
    }

    private mutating func note(line: Int, key: String? = nil, _ message: String) {
        let source = SettingSource.file(path, line: line)
        problems.append(ConfigurationProblem(.configuration, source, key: key, message))
    }
}
