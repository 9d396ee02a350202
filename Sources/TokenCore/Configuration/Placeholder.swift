/// Values that a sample left to be replaced. Sent to Microsoft they would only come back as a riddle.

enum Placeholder {
    static func isPlaceholder(_ value: String) -> Bool {
        let text = value.lowercased()
        if ["your-", "your_", "your "].contains(where: text.hasPrefix) { return true }
        if let first = text.first, let last = text.last, text.count > 1 {
            if first == "<" && last == ">" { return true }
            if text.hasPrefix("{{") && last == "}" || text.hasPrefix("${") && last == "}" {
                return true
            }
        }
        let letters = text.filter { $0 != "-" && $0 != "_" && $0 != " " }
        if letters.count >= 3, letters.allSatisfy({ $0 == "x" }) { return true }
        return ["changeme", "changeit", "replaceme", "todo", "tbd", "fixme"].contains(letters)
    }
}
