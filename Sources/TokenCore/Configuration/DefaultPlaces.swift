/// Where files are when nobody says where: the XDG base directories of a user, /etc and /var/lib.
///
/// - SeeAlso: <https://specifications.freedesktop.org/basedir-spec/latest/>

struct DefaultPlaces {
    /// The first that exists counts.
    let configFiles: [String]
    /// `nil` for a user without a home.
    let database: String?

    init(environment: [String: String], isRoot: Bool, home: String?, etc: String = "/etc") {
        let directory = { (variable: String, below: String) -> String? in
            // The specification: a relative path is invalid and to be ignored.
            if let path = environment[variable], path.hasPrefix("/") { return path }
            guard let home, home.hasPrefix("/") else { return nil }
            return "\(home)/\(below)"
        }
        let file = "maintain-teams/config.env"
        let own = directory("XDG_CONFIG_HOME", ".config").map { "\($0)/\(file)" }
        configFiles = [own, "\(etc)/\(file)"].compactMap { $0 }
        database =
            isRoot
            ? "/var/lib/maintain-teams/teams.sqlite3"
            : directory("XDG_DATA_HOME", ".local/share").map {
                "\($0)/maintain-teams/teams.sqlite3"
            }
    }
}
