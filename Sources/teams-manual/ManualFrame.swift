/// What all three pages have in common: head, files, and what else to read.

import FoundationEssentials

struct ManualFrame {
    let name: String
    let section: Int
    let abstract: String
    /// The day that stands on the page.
    let date: Date

    static let pages = [("maintain-teams", 8), ("teams-token", 1), ("maintain-teams.env", 5)]

    func begin() -> ManualSource {
        var page = ManualSource()
        page.macro("Dd \(Self.day(date))")
        page.macro("Dt \(name.uppercased()) \(section)")
        page.macro("Os")
        page.section("NAME")
        page.macro("Nm \(name)")
        let abstract = ManualSource.escaped(abstract)
        page.macro("Nd \(abstract.last == "." ? String(abstract.dropLast()) : abstract)")
        return page
    }

    func end(_ page: inout ManualSource) -> String {
        page.section("SEE ALSO")
        let others = Self.pages.filter { $0.0 != name }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        for (place, other) in others.enumerated() {
            page.macro("Xr \(other.0) \(other.1)\(place < others.count - 1 ? " ," : "")")
        }
        page.paragraph(
            "The pages installed beside README.md tell more: operations.md, troubleshooting.md, "
                + "monitoring.md, configuration.md and store.md.")
        return page.text
    }

    /// The files that a run of either program meets.
    static func files(_ page: inout ManualSource) {
        page.section("FILES")
        let files = [
            (
                "/etc/maintain-teams/config.env",
                "The settings, where no other file is named. See also maintain-teams.env(5)."
            ),
            (
                "/var/lib/maintain-teams/teams.sqlite3",
                "The database of root, where no other is named."
            ),
            (
                "DATABASE.maintain-teams.lock",
                "One pass at a time. The kernel frees it; it is never to be deleted."
            ),
            (
                "DATABASE.maintain-teams.spool",
                "Tokens that were received and are not in the database yet; the next run stores them. "
                    + "Never delete it."
            ),
            (
                "DATABASE.maintain-teams.idle",
                "Passes that had nothing to do, until the next one that writes the database."
            ),
        ]
        page.list(files, options: "-tag -width Ds") { page, file in
            page.macro("It Pa \(ManualSource.argument(file.0))")
            page.prose(file.1)
        }
    }

    private static func day(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let day = calendar.dateComponents([.year, .month, .day], from: date)
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December",
        ]
        return "\(months[(day.month ?? 1) - 1]) \(day.day ?? 1), \(day.year ?? 1970)"
    }
}
