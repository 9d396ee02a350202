import Testing

@testable import TokenCore

@Suite struct LocalTimeTests {
    @Test func `UTC by any of its names is plain arithmetic`() {
        #expect(LocalTime(zone: "UTC") == .utc)
        #expect(LocalTime(zone: "Etc/UTC") == .utc)
        #expect(LocalTime(zone: "Europe/Berlin") == .named("Europe/Berlin"))
    }

    static let zones = [
        "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata",
        "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati", "Africa/Casablanca",
    ]

    @Test(arguments: zones)
    func `there and back again is the same instant`(_ name: String) {
        let zone = LocalTime(zone: name)
        // Each 7 h 13 min of four years; of two instants with one name the earlier comes back.
        for seconds in stride(from: Int64(1_735_689_600), to: 1_861_920_000, by: 25_980) {
            let local = zone.calendar(ofSeconds: seconds)
            let back = zone.seconds(of: local)
            #expect(back == seconds || (back < seconds && zone.calendar(ofSeconds: back) == local))
        }
    }

    @Test func `zones do not get into each other's way`() async {
        let expected: [String: Int] = [
            "Europe/Berlin": 13, "America/New_York": 7, "Asia/Tokyo": 21, "Etc/GMT+9": 3,
        ]
        await withTaskGroup(of: Bool.self) { group in
            for (name, hour) in expected {
                for _ in 0..<25 {
                    group.addTask {
                        let local = LocalTime(zone: name).calendar(ofSeconds: 1_795_348_800)
                        return local.hour == hour
                            && LocalTime(zone: name).seconds(of: local) == 1_795_348_800
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
