/// Durations as operators write them: `90s`, `30m`, `2h`, or plain seconds.

public enum DurationText {
    /// Ten years. Longer is a slip of the hand, and shorter cannot overflow anything.
    public static let maximum: Duration = .seconds(87_600 * 3_600)

    /// - Returns: `nil` for anything but digits and one optional unit, and above ``maximum``.
    public static func duration(from text: String) -> Duration? {
        guard let last = text.utf8.last else { return nil }
        let unit: Int64? =
            switch last {
            case UInt8(ascii: "s"): 1
            case UInt8(ascii: "m"): 60
            case UInt8(ascii: "h"): 3_600
            default: nil
            }
        let digits = unit == nil ? text.utf8[...] : text.utf8.dropLast()
        guard !digits.isEmpty else { return nil }
        var count: Int64 = 0
        for digit in digits {
            guard digit.isASCIIDigit else { return nil }
            count = count * 10 + Int64(digit - UInt8(ascii: "0"))
            guard count <= maximum.components.seconds else { return nil }
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow, seconds <= maximum.components.seconds else { return nil }
        return .seconds(seconds)
    }

    /// The shortest exact form, in whole seconds: `2h`, `90m`, `45s`.
    public static func text(of duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds == 0 { return "0s" }
        if seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
