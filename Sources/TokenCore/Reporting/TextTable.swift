/// Cells in columns. The widths are settled once, so that rows can be printed as they are read.

struct TextTable {
    struct Column {
        let title: String
        /// How far it may shrink where the line is too short; nil for one that keeps its width.
        var minimum: Int?
        /// How wide it may become; nil for as wide as its cells.
        var maximum: Int?
        /// Whether it goes first where the line is too short for all.
        var isDispensable = false
    }

    /// Between two columns.
    private static let gap = 2

    /// What is narrower says nothing.
    private static let stump = 6

    private let columns: [Column]
    /// The columns that are shown, and how wide.
    private let places: [(column: Int, width: Int)]

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
        var shown = Array(columns.indices)
        for index in columns.indices.reversed() where columns[index].isDispensable {
            let least = shown.map { min(widths[$0], columns[$0].minimum ?? .max) }
            if Self.sum(least) > width { shown.removeAll { $0 == index } }
        }
        var excess = Self.sum(shown.map { widths[$0] }) - width
        // What stands last is the most talkative.
        for index in shown.reversed() where excess > 0 {
            guard let minimum = columns[index].minimum else { continue }
            let cut = max(0, min(excess, widths[index] - minimum))
            widths[index] -= cut
            excess -= cut
        }
        var places: [(column: Int, width: Int)] = []
        var room = width
        for index in shown where room >= min(widths[index], Self.stump) {
            places.append((index, min(widths[index], room)))
            room -= widths[index] + Self.gap
        }
        self.columns = columns
        self.places = places
    }

    /// How wide columns are together.
    private static func sum(_ widths: [Int]) -> Int {
        widths.reduce(gap * (widths.count - 1), +)
    }

    var header: String { line(columns.map(\.title)) }

    /// A row; what does not fit is shortened.
    /// - Parameter paint: Colours a cell of a column.
    func line(_ cells: [String], paint: (_ column: Int, _ cell: String) -> String = { $1 })
        -> String
    {
        var line = ""
        for (number, place) in places.enumerated() {
            let fitted = cells[place.column].fitted(to: place.width)
            let padding =
                number == places.count - 1
                ? 0 : place.width + Self.gap - DisplayWidth.of(fitted)
            line += paint(place.column, fitted) + String(repeating: " ", count: max(0, padding))
        }
        return line
    }
}
