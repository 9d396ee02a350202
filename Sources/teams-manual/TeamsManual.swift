// Prints a manual page: `teams-manual NAME`, and for a program the JSON of its `--experimental-dump-help`
// on stdin. For the build only, never installed.

import FoundationEssentials
import TokenCore

@main
enum TeamsManual {
    static func main() throws {
        guard let name = CommandLine.arguments.dropFirst().first,
            let section = ManualFrame.pages.first(where: { $0.0 == name })?.1
        else {
            throw UsageError(
                description:
                    "usage: teams-manual \(ManualFrame.pages.map(\.0).joined(separator: "|"))")
        }
        if section == 5 {
            let frame = ManualFrame(
                name: name, section: section,
                abstract: "settings of maintain-teams and teams-token", date: date)
            return print(SettingsPage(frame: frame).source(), terminator: "")
        }
        var json = ""
        while let line = readLine(strippingNewline: false) { json += line }
        let command = try JSONDecoder().decode(CommandDump.self, from: Data(json.utf8)).command
        let frame = ManualFrame(
            name: name, section: section, abstract: command.abstract ?? "", date: date)
        print(ProgramPage(frame: frame, command: command).source(), terminator: "")
    }

    private struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    /// The day of the build; who builds a package names another (reproducible-builds.org).
    private static var date: Date {
        ProcessSetup.environment["SOURCE_DATE_EPOCH"].flatMap { TimeInterval($0) }
            .map { Date(timeIntervalSince1970: $0) } ?? Date()
    }
}
