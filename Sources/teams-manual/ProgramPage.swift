/// The manual page of a program, from what the program says of itself and the table of exit statuses.

import TokenCore

struct ProgramPage {
    let frame: ManualFrame
    let command: CommandDump.Command

    /// Options that every command has, described once.
    private static let common = ["--config", "--database", "--provider", "--version", "--help"]

    /// But for the `help` that every program gets: it says what stands here.
    private var subcommands: [CommandDump.Command] {
        (command.subcommands ?? []).filter { $0.commandName != "help" }
    }

    func source() -> String {
        var page = frame.begin()
        synopsis(&page)
        let help = HelpText(command.discussion ?? "")
        page.section("DESCRIPTION")
        page.prose(command.abstract ?? "")
        for paragraph in help.paragraphs { page.paragraph(paragraph) }
        options(&page)
        if !subcommands.isEmpty {
            page.section("COMMANDS")
            page.list(subcommands) { page, command in describe(command, on: &page) }
        }
        page.section("ENVIRONMENT")
        page.prose("All settings can be given in the environment: see")
        page.macro("Xr maintain-teams.env 5 .")
        page.prose(
            "NO_COLOR and TERM=dumb turn colours off, HTTPS_PROXY and NO_PROXY name a proxy.")
        ManualFrame.files(&page)
        page.section("EXIT STATUS")
        page.list(ExitStatus.table, options: "-tag -width 4n") { page, row in
            page.macro("It \(row.code)")
            page.macro("Sy \(row.name) :")
            page.prose("\(row.meaning).")
        }
        page.paragraph(
            "After SIGINT, SIGTERM or SIGHUP what is in flight is finished and stored; "
                + "then the program dies by the same signal.")
        if let examples = help.section("EXAMPLES", "EXAMPLE") {
            page.section("EXAMPLES")
            page.literal(examples.lines)
        }
        return frame.end(&page)
    }

    private func synopsis(_ page: inout ManualSource) {
        page.section("SYNOPSIS")
        if subcommands.isEmpty {
            page.macro("Nm")
            for argument in command.displayed { page.macro(Self.usage(argument)) }
        }
        for command in subcommands {
            page.macro("Nm")
            page.macro("Cm \(command.commandName)")
            for argument in command.displayed where !Self.isCommon(argument) {
                page.macro(Self.usage(argument))
            }
        }
    }

    private func options(_ page: inout ManualSource) {
        page.section("OPTIONS")
        guard !subcommands.isEmpty else {
            return page.list(command.displayed, Self.describe)
        }
        page.prose("Of every command; others stand beside their commands.")
        let all = subcommands.flatMap(\.displayed) + command.displayed
        page.list(Self.common.compactMap { name in all.first { $0.options.contains(name) } }) {
            Self.describe(&$0, $1)
        }
    }

    private func describe(_ command: CommandDump.Command, on page: inout ManualSource) {
        page.macro("It Cm \(command.commandName)")
        page.prose(command.abstract ?? "")
        let help = HelpText(command.discussion ?? "")
        for paragraph in help.paragraphs { page.paragraph(paragraph) }
        let own = command.displayed.filter { !Self.isCommon($0) }
        if !own.isEmpty {
            page.macro("Pp")
            page.list(own, options: "-tag -width Ds -compact", Self.describe)
        }
        if let examples = help.section("EXAMPLES", "EXAMPLE") {
            page.macro("Pp")
            page.literal(examples.lines)
        }
        guard let statuses = help.section("EXIT STATUS") else { return }
        page.paragraph("Exit status:")
        statuses.remarks.forEach { page.prose($0) }
        page.list(statuses.statuses, options: "-tag -width 4n -compact") { page, status in
            page.macro("It \(status.code)")
            page.macro("Sy \(status.name) :")
            page.prose("\(status.meaning).")
        }
    }

    private static func isCommon(_ argument: CommandDump.Argument) -> Bool {
        argument.options.contains(where: common.contains)
    }

    private static func describe(_ page: inout ManualSource, _ argument: CommandDump.Argument) {
        let value = "Ar \(ManualSource.argument(argument.valueName ?? "value"))"
        switch argument.kind {
        case .positional: page.macro("It \(value)")
        case .flag: page.macro("It \(names(argument))")
        case .option: page.macro("It \(names(argument)) \(value)")
        }
        page.prose(argument.abstract ?? "")
    }

    private static func names(_ argument: CommandDump.Argument) -> String {
        argument.options.map { "Fl \(ManualSource.argument(String($0.dropFirst())))" }
            .joined(separator: " , ")
    }

    private static func usage(_ argument: CommandDump.Argument) -> String {
        let value = "Ar \(ManualSource.argument(argument.valueName ?? "value"))"
        let name = "Fl \(ManualSource.argument(String(argument.options.first?.dropFirst() ?? "")))"
        var words =
            switch argument.kind {
            case .positional: argument.followsTerminator ? "Fl \\- \(value)" : value
            case .flag: name
            case .option: "\(name) \(value)"
            }
        if argument.isRepeating { words += argument.kind == .flag ? " No ..." : " ..." }
        return argument.isOptional ? "Op \(words)" : words
    }
}
