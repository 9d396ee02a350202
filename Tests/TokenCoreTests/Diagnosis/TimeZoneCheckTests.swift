import Foundation
import Testing

@testable import TokenCore

struct TimeZoneCheckTests {
    private static let written = Date(timeIntervalSince1970: 1_795_348_800)

    /// - Parameter claimed: Seconds from the time in the row to the token's own expiry; nil is opaque.
    private static func sample(
        lifetime: Double = 4200, claimed: Double? = nil, isOurs: Bool = false, isDated: Bool = true
    ) -> TimeSample {
        let expiresAt = written + lifetime
        let token = claimed.map { jwt(#"{"exp":\#(Int((expiresAt + $0).timeIntervalSince1970))}"#) }
        return TimeSample(
            expiresAt: expiresAt, accessToken: Secret(token ?? "opaque"),
            updatedAt: isDated ? written : nil, isOurs: isOurs)
    }

    private static func jwt(_ payload: String) -> String {
        [#"{"alg":"none"}"#, payload].map { Data($0.utf8).base64EncodedString() }.joined(
            separator: "."
        )
        .replacingOccurrences(of: "=", with: "") + ".x"
    }

    private static func seen(_ samples: [TimeSample], zone: String = "UTC") -> String? {
        TimeZoneCheck(zone: zone, samples: samples).findings.first?.seen
    }

    @Test(arguments: [0, 300, 600])
    func `a token that says the same is right`(margin: Double) {
        #expect(Self.seen([Self.sample(claimed: margin)]) == nil)
    }

    @Test func `a token that dies an hour earlier tells the zone`() {
        #expect(
            Self.seen([Self.sample(claimed: -3600), Self.sample(claimed: 0)])
                == "expires_at is 1 hour later than it should be in 1 row, by the tokens' own expiry"
        )
        #expect(
            Self.seen([Self.sample(claimed: 5 * 3600 + 300)], zone: "America/New_York")
                == "expires_at is 5 hours earlier than it should be in 1 row, by the tokens' own expiry"
        )
    }

    @Test(arguments: [
        (5.5, "5 h 30 min"), (5.75, "5 h 45 min"), (3.5, "3 h 30 min"), (9.5, "9 h 30 min"),
        (12.75, "12 h 45 min"), (6, "6 hours"),
    ])
    func `zones that are no whole hours from UTC are told too`(hours: Double, words: String) {
        for margin in [0.0, 60, 300] {
            #expect(
                Self.seen([Self.sample(claimed: margin - hours * 3600)])
                    == "expires_at is \(words) later than it should be in 1 row, by the tokens' own expiry"
            )
        }
        let sides = [1.0, -1].map { side in
            let lifetimes = [3600.0, 4200, 4500, 4800, 5400]
            return Self.seen(lifetimes.map { Self.sample(lifetime: $0 + side * hours * 3600) })
        }
        #expect(sides[0]?.hasPrefix("expires_at is \(words) later than it should be in 5") == true)
        #expect(sides[1]?.hasPrefix("expires_at is \(words) earlier than it should") == true)
    }

    @Test(arguments: [3600.0, 3700, 5300, 5400, 5600])
    func `a lifetime at the border of half an hour is no other zone`(lifetime: Double) {
        #expect(Self.seen(Array(repeating: Self.sample(lifetime: lifetime), count: 9)) == nil)
    }

    @Test func `opaque tokens are judged by their age, many of them`() {
        let late = [Self.sample(lifetime: 2 * 3600 + 4200)]
        #expect(Self.seen(late) == nil)
        #expect(
            Self.seen(late + late + late)
                == "expires_at is 2 hours later than it should be in 3 rows, by what tokens live, 60 to 90 minutes"
        )
        let early = Array(repeating: Self.sample(lifetime: -5 * 3600 + 3600), count: 3)
        #expect(Self.seen(early)?.hasPrefix("expires_at is 5 hours earlier") == true)
    }

    @Test func `no age proves anything by itself`() {
        let late = Self.sample(lifetime: 2 * 3600 + 4200)
        // As long as tokens live under Continuous Access Evaluation, and short ones.
        for lifetime in [86_400.0, 600, 3599] {
            #expect(Self.seen(Array(repeating: Self.sample(lifetime: lifetime), count: 9)) == nil)
        }
        #expect(
            Self.seen(Array(repeating: late, count: 3) + [Self.sample(), Self.sample()]) == nil)
        #expect(Self.seen(Array(repeating: late, count: 3), zone: "Europe/Berlin") == nil)
        let ours = Self.sample(lifetime: 2 * 3600 + 4200, isOurs: true)
        #expect(Self.seen(Array(repeating: ours, count: 3)) == nil)
        let undated = Self.sample(lifetime: 2 * 3600 + 4200, isDated: false)
        #expect(Self.seen(Array(repeating: undated, count: 3)) == nil)
    }
}
