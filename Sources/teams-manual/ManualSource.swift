/// Writes a page in mdoc(7), the language of manual pages: macros on lines of their own, all other text
/// made harmless.

struct ManualSource {
    private(set) var text = ""

    mutating func macro(_ line: String) { text += ".\(line)\n" }

    mutating func section(_ title: String) { macro("Sh \(title)") }

    /// Running text, a line for each sentence.
    mutating func prose(_ prose: String) {
        for sentence in prose.sentences { text += Self.escaped(sentence) + "\n" }
    }

    mutating func paragraph(_ paragraph: String) {
        macro("Pp")
        prose(paragraph)
    }

    /// Lines as they are, in a fixed font.
    mutating func literal(_ lines: [String]) {
        macro("Bd -literal -offset indent -compact")
        let margin = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        for line in lines { text += Self.literal(String(line.dropFirst(margin))) + "\n" }
        macro("Ed")
    }

    /// A list of terms.
    mutating func list<Entry>(
        _ entries: [Entry], options: String = "-tag -width Ds",
        _ entry: (inout ManualSource, Entry) -> Void
    ) {
        guard !entries.isEmpty else { return }
        macro("Bl \(options)")
        for item in entries { entry(&self, item) }
        macro("El")
    }

    /// Text that no macro and no escape can be seen in.
    static func escaped(_ text: String) -> String {
        let plain = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\e"
            case "`": ""
            case _ where !scalar.isASCII:
                "\\[u\(String(repeating: "0", count: max(0, 4 - scalar.hex.count)))\(scalar.hex)]"
            default: String(scalar)
            }
        }.joined()
        return plain.first == "." || plain.first == "'" ? "\\&\(plain)" : plain
    }

    /// The same for what a reader copies: quotes and dashes stay those of a keyboard.
    static func literal(_ text: String) -> String {
        let typed: [Character: String] = [
            "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", "\\": "\\e",
        ]
        let plain = text.map { typed[$0] ?? String($0) }.joined()
        return plain.first == "." ? "\\&\(plain)" : plain
    }

    /// A word as an argument of a macro.
    static func argument(_ word: String) -> String {
        let text = literal(word)
        return text.contains(" ") || text.contains("\"")
            ? "\"\(text.split(separator: "\"").joined(separator: "\"\""))\"" : text
    }
}

extension Unicode.Scalar {
    fileprivate var hex: String { String(value, radix: 16, uppercase: true) }
}

extension String {
    /// Broken after each sentence, as mdoc(7) asks for.
    fileprivate var sentences: [String] {
        var sentences = [""]
        for word in split(separator: " ") {
            let last = sentences[sentences.count - 1]
            if last.last == ".", word.first?.isUppercase == true {
                sentences.append(String(word))
            } else {
                sentences[sentences.count - 1] = last.isEmpty ? String(word) : "\(last) \(word)"
            }
        }
        return sentences.filter { !$0.isEmpty }
    }
}
