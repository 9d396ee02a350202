/// Spans of time as people say them: `23 min`, `3 h 10 min`, `5 days`.

public enum RelativeTime {
    /// - Parameter seconds: Not negative; rounded down to the unit shown.
    public static func words(seconds: Double) -> String {
        let whole = Int(seconds.rounded(.down))
        let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400)
        if whole < 60 { return "\(whole) s" }
        if hours < 1 { return "\(minutes) min" }
        if days < 2 {
            let rest = minutes % 60
            return rest == 0 ? "\(hours) h" : "\(hours) h \(rest) min"
        }
        return "\(days) days"
    }
}
