/// Whether the application means the same zone as the settings when it writes a time without one. Two
/// witnesses: an access token that happens to be a JWT tells its own expiry in UTC; and Microsoft's access
/// tokens live 60 to 90 minutes from the moment the row was written.

internal import FoundationEssentials

struct TimeZoneCheck {
    let zone: String
    let samples: [TimeSample]

    var findings: [CheckupFinding] {
        let byToken = offsets(samples, claimed)
        if let (quarters, count) = Self.most(byToken) {
            return [warning(quarters, count, "the tokens' own expiry", certain: true)]
        }
        // CURRENT_TIMESTAMP is UTC whatever the zone of the other columns.
        guard byToken.isEmpty, zone == "UTC" else { return [] }
        let dated = samples.filter { !$0.isOurs && $0.updatedAt != nil }
        guard let (quarters, count) = Self.most(offsets(dated, written)), count >= Self.quorum,
            count * 5 >= dated.count * 4
        else { return [] }
        return [warning(quarters, count, "what tokens live, 60 to 90 minutes", certain: false)]
    }

    /// One row may have been touched for any reason.
    private static let quorum = 3

    private func warning(
        _ quarters: Int, _ count: Int, _ witness: String, certain: Bool
    ) -> CheckupFinding {
        let side = quarters > 0 ? "later" : "earlier"
        return CheckupFinding(
            .rows, .warning,
            "expires_at is \(Self.words(abs(quarters))) \(side) than it should be in "
                + "\(count.counting("row")), by \(witness)",
            why: quarters > 0
                ? "\(certain ? "" : "if so, ")tokens die before a pass refreshes them: the application "
                    + "does not write its times in \(zone)"
                : "\(certain ? "" : "if so, ")tokens are refreshed too early: the application does not "
                    + "write its times in \(zone)",
            remedy: "set TEAMS_DATABASE_TIMEZONE to the application's zone, as Europe/Berlin")
    }

    private static func words(_ quarters: Int) -> String {
        let (hours, rest) = quarters.quotientAndRemainder(dividingBy: 4)
        return rest == 0 ? hours.counting("hour") : "\(hours) h \(rest * 15) min"
    }

    // MARK: Witnesses

    /// Quarter hours between a time and what a witness says of it, with how many rows say so.
    private func offsets(
        _ samples: [TimeSample], _ witness: (TimeSample) -> [Int]
    ) -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for quarters in samples.flatMap(witness) { counts[quarters, default: 0] += 1 }
        return counts
    }

    /// By the `exp` claim (RFC 7519 §4.1.4). Applications take off a few minutes for safety.
    private func claimed(_ sample: TimeSample) -> [Int] {
        guard let claims = UnverifiedClaims(sample.accessToken)?.claims,
            let numeral = claims.first(where: { $0.name == "exp" })?.value.numeral,
            let seconds = Double(numeral)
        else { return [] }
        let late = sample.expiresAt.timeIntervalSince1970 - seconds
        let nearest = Self.offsets(late, within: -900...300).min {
            abs(late - Double($0) * 900) < abs(late - Double($1) * 900)
        }
        return nearest.map { [$0] } ?? []
    }

    /// By the age of its row: for half an hour of lifetime there can be two offsets, and many rows decide.
    private func written(_ sample: TimeSample) -> [Int] {
        guard let updatedAt = sample.updatedAt else { return [] }
        let lifetime = sample.expiresAt.timeIntervalSince(updatedAt)
        // A token may live a short time; it can't have died before it came.
        guard lifetime < 0 || lifetime > 3300 else { return [] }
        let found = Self.offsets(lifetime - 3600, within: -300...2100)
        return found.contains(0) ? [0] : found
    }

    /// Quarter hours that explain a distance.
    /// - Parameter rest: What may be left beside them.
    private static func offsets(_ seconds: Double, within rest: ClosedRange<Double>) -> [Int] {
        (-14 * 4...14 * 4).filter { quarters in
            isOffsetOfZone(quarters) && rest.contains(seconds - Double(quarters) * 900)
        }
    }

    /// Zones are whole or half hours from UTC, but for Nepal, Eucla and Chatham (and its summer).
    private static func isOffsetOfZone(_ quarters: Int) -> Bool {
        quarters % 2 == 0 || [23, 35, 51, 55].contains(abs(quarters))
    }

    /// What most rows say that are not right; of equals whole hours, which most zones are.
    private static func most(_ counts: [Int: Int]) -> (quarters: Int, count: Int)? {
        let rank = { (quarters: Int, count: Int) in
            (count, quarters % 4 == 0 ? 1 : 0, -abs(quarters), quarters)
        }
        return counts.filter { $0.key != 0 }
            .max { rank($0.key, $0.value) < rank($1.key, $1.value) }
            .map { ($0.key, $0.value) }
    }
}
