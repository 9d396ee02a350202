/// Text from outside made safe to print: no control character reaches a terminal, a log or a mail.

extension String {
    /// Control characters, bidirectional overrides and line separators become `?`, and the text is
    /// cut at `limit` characters.
    public func sanitized(limit: Int = 300) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(limit) {
            clean.append(scalar.isHarmless ? scalar : "?")
        }
        return String(clean)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows it as itself, and nothing else happens.
    var isHarmless: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}

extension StringProtocol {
    /// Without the spaces, tabs and line ends around it.
    public var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        guard let first = firstIndex(where: { !isSpace($0) }),
            let last = lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
