/// Connections as another system printed them, read into values: a pure function over bytes. Two forms are
/// told apart by the first byte: JSON, an object a line, and the table that `mysql --batch` prints.

internal import FoundationEssentials

struct ConnectionImport {
    /// What is to be stored, with the line that it stands on.
    private(set) var rows: [(line: Int, enrolment: Enrolment)] = []
    private(set) var problems: [ImportProblem] = []
    /// Names of columns that have no place here, in alphabetical order.
    private(set) var ignoredColumns: Set<String> = []
    /// Rows that belong to other providers, by provider.
    private(set) var skipped: [String: Int] = [:]

    private let reader: ImportRowReader
    private var lines: [UserID: Int] = [:]

    /// - Parameters:
    ///   - provider: Rows of others are skipped; rows that name none are of this one.
    ///   - zone: Of times that name none; only to tell whether they can be read.
    static func parse(_ bytes: [UInt8], provider: String, zone: LocalTime) -> ConnectionImport {
        var found = ConnectionImport(reader: ImportRowReader(provider: provider, zone: zone))
        if let complaint = ForeignForm.complaint(bytes) {
            found.problems = [ImportProblem(line: 1, complaint)]
            return found
        }
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        switch bytes.first(where: { !isBlank($0) }) {
        case nil:
            found.problems = [
                ImportProblem(
                    line: 1,
                    "there is nothing in it; so prints mysql when it fails, or when a table is empty"
                )
            ]
        case UInt8(ascii: "{"): found.readJSONLines(bytes)
        case UInt8(ascii: "["):
            found.problems = [
                ImportProblem(
                    line: 1, "this is a JSON array; give an object a line: jq -c '.[]'")
            ]
        default: found.readTable(bytes)
        }
        return found
    }

    private init(reader: ImportRowReader) { self.reader = reader }

    /// Takes a row whose fields were told apart.
    mutating func add(_ fields: ImportFields, line: Int) {
        switch reader.read(fields, line: line) {
        case .enrolment(let enrolment):
            if let first = lines.updateValue(line, forKey: enrolment.userID) {
                lines[enrolment.userID] = first
                add(.duplicate(line: line, first: first))
            } else {
                rows.append((line, enrolment))
            }
        case .otherProvider(let name): skipped[name, default: 0] += 1
        case .problems(let found): found.forEach { add($0) }
        }
    }

    mutating func add(_ problem: ImportProblem) { problems.append(problem) }

    /// A name from the input may be anything; only what looks like a column is repeated.
    mutating func ignore(_ column: String) {
        let isName =
            (1...64).contains(column.utf8.count)
            && column.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || "_0123456789".unicodeScalars.contains($0)
            }
        ignoredColumns.insert(isName ? column : "(a name that is none)")
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

extension ArraySlice<UInt8> {
    /// Calls `body` with each line, numbered from 1 and without its line end, LF or CRLF.
    func forEachLine(_ body: (Int, ArraySlice<UInt8>) -> Void) {
        var rest = self
        var number = 0
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: 0x0A)
            var line = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[($0 + 1)...] } ?? []
            if line.last == 0x0D { line = line.dropLast() }
            body(number, line)
        }
    }
}
