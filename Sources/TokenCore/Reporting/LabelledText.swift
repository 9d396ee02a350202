/// A word in the margin and paragraphs beside it, broken between words.

struct LabelledText {
    let label: String
    let paint: (String) -> String
    let paragraphs: [String]

    /// - Parameter width: Columns of the terminal. A word that is longer stands on a line of its own.
    func lines(labelWidth: Int, width: Int) -> [String] {
        let margin = String(repeating: " ", count: labelWidth + 2)
        let room = max(20, width - margin.count)
        let texts = paragraphs.flatMap { $0.wrapped(to: room).map(String.init) }
        let head = paint(label) + String(repeating: " ", count: labelWidth + 2 - label.count)
        return texts.enumerated().map { ($0 == 0 ? head : margin) + $1 }
    }
}
