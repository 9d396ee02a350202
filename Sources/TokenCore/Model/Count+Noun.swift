/// A number with what it counts: `1 row`, `2 rows`.

extension Int {
    /// - Parameter plural: Of a noun that does not just take an s, or of a noun and its verb.
    func counting(_ noun: String, _ plural: String? = nil) -> String {
        "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}
