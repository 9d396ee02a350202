/// Whether the application means the same zone as the settings when it writes a time without one. Two
/// witnesses: an access token that happens to be a JWT tells its own expiry in UTC; and Microsoft's access
/// tokens live 60 to 90 minutes from the moment the row was written.

internal import FoundationEssentials

struct TimeZoneCheck {
    let zone: String
    let samples: [TimeSample]

    var findings: [CheckupFinding] {
        let byToken = offsets(samples, claimed)
        if let (hours, count) = Self.most(byToken) {
            return [warning(hours, count, "the tokens' own expiry", certain: true)]
        }
        // CURRENT_TIMESTAMP is UTC whatever the zone of the other columns.
        guard byToken.isEmpty, zone == "UTC" else { return [] }
        let dated = samples.filter { !$0.isOurs && $0.updatedAt != nil }
        guard let (hours, count) = Self.most(offsets(dated, written)), count >= Self.quorum,
            count * 5 >= dated.count * 4
        else { return [] }
        return [warning(hours, count, "what tokens live, 60 to 90 minutes", certain: false)]
    }

    /// One row may have been touched for any reason.
    private static let quorum = 3

    private func warning(
        _ hours: Int, _ count: Int, _ witness: String, certain: Bool
    ) -> CheckupFinding {
        let (size, side) = (abs(hours), hours > 0 ? "later" : "earlier")
        return CheckupFinding(
            .rows, .warning,
            "expires_at is \(size) \(size == 1 ? "hour" : "hours") \(side) than it should be in "
                + "\(count) \(count == 1 ? "row" : "rows"), by \(witness)",
            why: hours > 0
                ? "\(certain ? "" : "if so, ")tokens die before a pass refreshes them: the application "
                    + "does not write its times in \(zone)"
                : "\(certain ? "" : "if so, ")tokens are refreshed too early: the application does not "
                    + "write its times in \(zone)",
            remedy: "set TEAMS_DATABASE_TIMEZONE to the application's zone, as Europe/Berlin")
    }

    // MARK: Witnesses

    /// Whole hours between a time and what a witness says of it, with how many rows say so.
    private func offsets(
        _ samples: [TimeSample], _ witness: (TimeSample) -> Int?
    ) -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for hours in samples.compactMap(witness) { counts[hours, default: 0] += 1 }
        return counts
    }

    /// By the `exp` claim (RFC 7519 §4.1.4). Applications take off a few minutes for safety.
    private func claimed(_ sample: TimeSample) -> Int? {
        guard let claims = UnverifiedClaims(sample.accessToken)?.claims,
            let numeral = claims.first(where: { $0.name == "exp" })?.value.numeral,
            let seconds = Double(numeral)
        else { return nil }
        return Self.wholeHours(sample.expiresAt.timeIntervalSince1970 - seconds, within: -900...300)
    }

    private func written(_ sample: TimeSample) -> Int? {
        guard let updatedAt = sample.updatedAt else { return nil }
        let lifetime = sample.expiresAt.timeIntervalSince(updatedAt)
        // A token may live a short time; it can't have died before it came.
        guard lifetime < 0 || lifetime > 3300 else { return nil }
        return Self.wholeHours(lifetime - 3600, within: -300...2100)
    }

    /// - Parameter rest: What may be left beside the hours.
    private static func wholeHours(_ seconds: Double, within rest: ClosedRange<Double>) -> Int? {
        let hours = ((seconds - rest.lowerBound) / 3600).rounded(.down)
        guard abs(hours) <= 14, rest.contains(seconds - hours * 3600) else { return nil }
        return Int(hours)
    }

    /// What most rows say that are not right.
    private static func most(_ counts: [Int: Int]) -> (hours: Int, count: Int)? {
        counts.filter { $0.key != 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
            .map { ($0.key, $0.value) }
    }
}
