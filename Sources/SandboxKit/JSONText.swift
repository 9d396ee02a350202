/// JSON (RFC 8259) written by hand: the token answer is the one hot path, and scripted faults must
/// be able to put any text into it, valid or not.
enum JSONText {
    /// A JSON string. Everything but control characters, quotes and backslashes is left as it is.
    static func quoted(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c }
        guard !plain else { return "\"\(text)\"" }
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }

    /// `["a", …]`.
    static func array(_ texts: some Sequence<String>) -> String {
        "[" + texts.map(quoted).joined(separator: ",") + "]"
    }
}

/// The members of a JSON object in the order they were added; values are JSON text.
struct JSONMembers {
    private var members: [(name: String, json: String)] = []

    /// Replaces the member of that name, or adds it; `nil` removes it.
    mutating func set(_ name: String, json: String?) {
        let index = members.firstIndex { $0.name == name }
        switch (index, json) {
        case (let index?, let json?): members[index].json = json
        case (let index?, nil): members.remove(at: index)
        case (nil, let json?): members.append((name, json))
        case (nil, nil): break
        }
    }

    mutating func set(_ name: String, _ text: String?) {
        set(name, json: text.map(JSONText.quoted))
    }

    mutating func set(_ name: String, _ number: Int) { set(name, json: String(number)) }

    var text: String {
        "{" + members.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}"
    }
}
