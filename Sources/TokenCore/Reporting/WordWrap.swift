/// Sentences in lines of a terminal's width: broken at spaces, never within a word, so that an address or a
/// command can be copied.

extension String {
    /// - Parameters:
    ///   - width: Columns; nil for one line, as a program wants it.
    ///   - indent: Columns before the lines after the first.
    func wrapped(to width: Int?, indent: Int) -> String {
        guard let width else { return self }
        var text = ""
        var column = 0
        for (number, word) in split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let length = DisplayWidth.ofPainted(word)
            if number == 0 {
                column = length
            } else if column + 1 + length <= width || column <= indent {
                text += " "
                column += 1 + length
            } else {
                text += "\n" + String(repeating: " ", count: indent)
                column = indent + length
            }
            text += word
        }
        return text
    }
}

extension DisplayWidth {
    /// The same for a text with colours, which take no room.
    fileprivate static func ofPainted(_ text: Substring) -> Int {
        var width = 0
        var isColour = false
        for character in text {
            if character == "\u{1B}" { isColour = true }
            if !isColour { width += of(character) }
            if isColour, character == "m" { isColour = false }
        }
        return width
    }
}
