/// JSON lines: one object a line, its members named like the columns.

extension ConnectionImport {
    mutating func readJSONLines(_ bytes: ArraySlice<UInt8>) {
        var found: [(Int, ArraySlice<UInt8>)] = []
        bytes.forEachLine { number, line in
            if !line.allSatisfy(Self.isBlank) { found.append((number, line)) }
        }
        for (number, line) in found {
            guard let members = (try? JSONValue(parsing: Array(line)))?.object else {
                let isText = String(validating: line, as: UTF8.self) != nil
                add(
                    ImportProblem(
                        line: number,
                        isText
                            ? "is not one complete JSON object; give an object a line: jq -c ."
                            : "is not UTF-8, as JSON must be"))
                continue
            }
            var row: ImportFields = [:]
            var isAmbiguous = false
            for (name, value) in members {
                guard let column = ImportColumn(rawValue: name.lowercased()) else {
                    ignore(name)
                    continue
                }
                if row.updateValue(ImportField(value), forKey: column) != nil {
                    add(ImportProblem(line: number, column: column, "is named twice"))
                    isAmbiguous = true
                }
            }
            if !isAmbiguous { add(row, line: number) }
        }
    }
}

extension ImportField {
    fileprivate init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .string(let text): self = .text(text, isTyped: true)
        case .number(let numeral): self = .number(numeral)
        case .bool, .array, .object: self = .otherType
        }
    }
}
