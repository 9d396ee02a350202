/// Prometheus text, read more strictly than Prometheus does: each family once, HELP before TYPE before
/// its samples, no time stamps, no series twice, a newline at the end.

public struct PrometheusText: Sendable {
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
    }

    /// By series, as `name{label="value"}`.
    public private(set) var samples: [String: Double] = [:]
    /// Types by the names of families.
    public private(set) var types: [String: String] = [:]

    public init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "no newline at the end") }
        var family = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            if line.hasPrefix("# HELP ") {
                family = String(words[2])
                guard types[family] == nil, words.count > 3 else { throw Fault("\(line)") }
                types[family] = ""
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, words[2] == family, types[family] == "",
                    ["gauge", "counter"].contains(words[3]),
                    family.hasSuffix("_total") == (words[3] == "counter")
                else { throw Fault("\(line)") }
                types[family] = String(words[3])
            } else {
                try readSample(line, of: family)
            }
        }
    }

    private mutating func readSample(_ line: Substring, of family: String) throws {
        let sample = /([a-z_:][a-z0-9_:]*)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (\S+)/
        guard let match = try sample.wholeMatch(in: line), match.1 == family,
            types[family]?.isEmpty == false, let value = Double(match.3)
        else { throw Fault("\(line)") }
        let series = String(match.1) + (match.2.map(String.init) ?? "")
        guard samples.updateValue(value, forKey: series) == nil else {
            throw Fault("twice: \(line)")
        }
    }

    /// The value of a series of this product, without the prefix.
    public subscript(_ series: String) -> Double? { samples["maintain_teams_\(series)"] }
}

extension PrometheusText.Fault {
    fileprivate init(_ description: String) { self.init(description: description) }
}
