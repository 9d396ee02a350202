/// The table that `mysql --batch` prints: names in the first line, a tab between fields, `\t`, `\n`, `\0`
/// and `\\` for what would break a field, and NULL for NULL. A text that reads NULL looks the same, and is
/// taken for NULL.

extension ConnectionImport {
    mutating func readTable(_ bytes: ArraySlice<UInt8>) {
        var columns: [ImportColumn?]?
        var found: [(Int, ArraySlice<UInt8>)] = []
        bytes.forEachLine { number, line in if !line.isEmpty { found.append((number, line)) } }
        for (number, line) in found {
            let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
            guard let columns else {
                guard let header = header(fields, line: number) else { return }
                columns = header
                continue
            }
            guard fields.count == columns.count else {
                add(
                    ImportProblem(
                        line: number,
                        "has \(fields.count) fields, and the header \(columns.count); dump with --batch"
                    ))
                continue
            }
            var row: ImportFields = [:]
            for (column, field) in zip(columns, fields) {
                if let column { row[column] = Self.field(field) }
            }
            add(row, line: number)
        }
    }

    /// - Returns: The column of each field, nil for one that is ignored; nil when this is no header. Then
    ///   nothing of it is repeated: it may be a row of tokens.
    private mutating func header(
        _ fields: [ArraySlice<UInt8>], line: Int
    ) -> [ImportColumn?]? {
        let names = fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
        let columns = names.map { ImportColumn(rawValue: $0) }
        let missing = ImportColumn.required.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            let list = missing.map(\.rawValue).joined(separator: ", ")
            add(
                ImportProblem(
                    line: line,
                    "the header names no column \(list), separated by tabs; dump with mysql --batch, without --skip-column-names"
                ))
            return nil
        }
        for column in ImportColumn.allCases where columns.filter({ $0 == column }).count > 1 {
            add(ImportProblem(line: line, column: column, "is named twice; select it once"))
        }
        guard problems.isEmpty else { return nil }
        for (name, column) in zip(names, columns) where column == nil { ignore(name) }
        return columns
    }

    private static func field(_ bytes: ArraySlice<UInt8>) -> ImportField {
        if bytes.elementsEqual("NULL".utf8) { return .null }
        guard bytes.contains(UInt8(ascii: "\\")) else { return text(bytes) }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "0"): plain.append(0x00)
            case UInt8(ascii: "\\"): plain.append(UInt8(ascii: "\\"))
            default: return .badEscape
            }
        }
        return text(plain[...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> ImportField {
        String(validating: bytes, as: UTF8.self).map { .text($0, isTyped: false) } ?? .notUTF8
    }
}
