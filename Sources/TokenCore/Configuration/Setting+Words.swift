/// A setting in the words of the manual.

extension Setting {
    /// One row of the table in docs/configuration.md.
    public var manualRow: String {
        let option = option.map { " `\($0)`" } ?? ""
        return
            "| `\(key.rawValue)` |\(option) | \(fallbackInWords) | \(formInWords) | \(meaning) |"
    }

    /// The value itself, for a sentence: its meaning without what is added after a comma.
    var noun: Substring { meaning.prefix { $0 != "," && $0 != ";" } }

    public var fallbackInWords: String {
        switch fallback {
        case .value(let text): "`\(text)`"
        case .rule(let words): words
        case .none: "none"
        case .required: "required by what sends requests"
        }
    }

    public var formInWords: String {
        switch form {
        case .text: "text"
        case .secret: "secret text"
        case .url: "URL"
        case .path: "path"
        case .duration(let least):
            least == .zero ? "duration" : "duration, at least `\(DurationText.text(of: least))`"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        }
    }
}
