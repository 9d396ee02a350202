/// A help text's long part, taken apart: paragraphs, then sections that begin with a line such as
/// `EXAMPLES:`.

struct HelpText {
    struct Section {
        let title: String
        let lines: [String]
    }

    private(set) var paragraphs: [String] = []
    private(set) var sections: [Section] = []

    init(_ text: String) {
        for block in text.blocks {
            let lines = block.split(separator: "\n").map(String.init)
            guard let first = lines.first, first.isHeading else {
                paragraphs.append(lines.joined(separator: " "))
                continue
            }
            sections.append(
                Section(title: String(first.dropLast()), lines: Array(lines.dropFirst())))
        }
    }

    func section(_ titles: String...) -> Section? {
        sections.first { titles.contains($0.title) }
    }
}

extension HelpText.Section {
    struct Status {
        let code: String
        let name: String
        var meaning: String
    }

    /// The lines before the first status.
    var remarks: [String] { Array(lines.prefix { $0.first != " " }) }

    /// A section that lists exit statuses: `  64  USAGE   bad arguments`, with deeper lines that go on.
    var statuses: [Status] {
        var statuses: [Status] = []
        for line in lines.drop(while: { $0.first != " " }) {
            let words = line.split(separator: " ").map(String.init)
            if words.count > 2, words[0].allSatisfy(\.isNumber), line.prefix(6).contains(words[0]) {
                statuses.append(
                    Status(
                        code: words[0], name: words[1],
                        meaning: words.dropFirst(2).joined(separator: " ")))
            } else if !statuses.isEmpty {
                statuses[statuses.count - 1].meaning += " " + words.joined(separator: " ")
            }
        }
        return statuses
    }
}

extension String {
    fileprivate var isHeading: Bool {
        last == ":" && dropLast().allSatisfy { $0.isUppercase || $0 == " " }
    }

    /// The parts between empty lines.
    fileprivate var blocks: [String] {
        var blocks = [""]
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                blocks.append("")
            } else {
                blocks[blocks.count - 1] += line + "\n"
            }
        }
        return blocks.filter { !$0.isEmpty }
    }
}
