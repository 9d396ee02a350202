/// Cells in columns. The widths are settled once, so that rows can be printed as they are read.

struct TextTable {
    struct Column {
        let title: String
        /// How far it may shrink where the line is too short; nil for one that keeps its width.
        var minimum: Int?
        /// How wide it may become; nil for as wide as its cells.
        var maximum: Int?
    }

    /// Between two columns.
    private static let gap = 2

    private let columns: [Column]
    private let widths: [Int]
    private let limit: Int

    /// - Parameters:
    ///   - rows: What the widths are made for; later rows are fitted to them.
    ///   - width: Columns of the terminal.
    init(_ columns: [Column], sizedFor rows: [[String]], width: Int) {
        var widths = columns.map { DisplayWidth.of($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() {
                let width = min(DisplayWidth.of(cell), columns[index].maximum ?? .max)
                widths[index] = max(widths[index], width)
            }
        }
        var excess = widths.reduce(Self.gap * (columns.count - 1), +) - width
        // What stands last is the most talkative.
        for index in columns.indices.reversed() where excess > 0 {
            guard let minimum = columns[index].minimum else { continue }
            let cut = max(0, min(excess, widths[index] - minimum))
            widths[index] -= cut
            excess -= cut
        }
        self.columns = columns
        self.widths = widths
        limit = width
    }

    var header: String { line(columns.map(\.title)) }

    /// A row; what does not fit is shortened.
    /// - Parameter paint: Colours a cell of a column.
    func line(_ cells: [String], paint: (_ column: Int, _ cell: String) -> String = { $1 })
        -> String
    {
        var line = ""
        var room = limit
        for (index, cell) in cells.enumerated() where room > 0 {
            let fitted = cell.fitted(to: min(widths[index], room))
            let isLast = index == cells.count - 1
            let padding =
                isLast ? 0 : max(0, min(widths[index] + Self.gap, room) - DisplayWidth.of(fitted))
            line += paint(index, fitted) + String(repeating: " ", count: padding)
            room -= widths[index] + Self.gap
        }
        return line
    }
}
