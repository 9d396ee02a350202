/// The manual page of the config file, from the table of settings.

import TokenCore

struct SettingsPage {
    let frame: ManualFrame

    func source() -> String {
        var page = frame.begin()
        page.section("SYNOPSIS")
        page.macro("Pa /etc/maintain-teams/config.env")
        page.section("DESCRIPTION")
        page.prose(
            "The settings of maintain-teams and teams-token, in the environment or in a file. "
                + "A value is taken from the first that has it: option, environment, config file, default. "
                + "An empty value counts as none.")
        page.paragraph(
            "The file is named by --config or TEAMS_CONFIG, else it is "
                + "$XDG_CONFIG_HOME/maintain-teams/config.env or /etc/maintain-teams/config.env, the first "
                + "that is there. "
                + "It has one KEY=value a line; lines that begin with # are skipped. "
                + "One pair of quotes around a whole value is removed. "
                + "Nothing is expanded, and no comment can follow a value.")
        page.paragraph(
            "An unknown key, a value that makes no sense, or a placeholder left in place is told with file, "
                + "line and key, all at once, and ends the run with exit status 78. "
                + "A file with a secret that others can read, or that anyone but its owner can write, is "
                + "refused with 77.")
        page.section("SETTINGS")
        page.list(Setting.table) { page, setting in
            page.macro("It Ev \(setting.key.rawValue)")
            page.prose(Self.sentence(setting.meaning))
            if let option = setting.option {
                page.prose("Option:")
                page.macro("Fl \(ManualSource.argument(String(option.dropFirst()))) .")
            }
            page.prose("Form: \(Self.words(setting.form)).")
            if let fallback = Self.words(setting.fallback) { page.prose("Default: \(fallback).") }
        }
        page.section("ENVIRONMENT")
        page.list([SettingKey.configFileVariable], options: "-tag -width Ds") { page, name in
            page.macro("It Ev \(name)")
            page.prose("The config file.")
        }
        ManualFrame.files(&page)
        return frame.end(&page)
    }

    private static func sentence(_ meaning: String) -> String {
        meaning.prefix(1).uppercased() + meaning.dropFirst() + "."
    }

    private static func words(_ form: Setting.Form) -> String {
        switch form {
        case .text: "text"
        case .secret: "secret text"
        case .url: "URL"
        case .path: "path"
        case .duration: "duration, as 90s, 30m, 2h or plain seconds"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .choice(let values): "one of \(values.joined(separator: ", "))"
        }
    }

    private static func words(_ fallback: Setting.Fallback) -> String? {
        switch fallback {
        case .value(let text): text
        case .rule(let words): words
        case .none: nil
        case .required: "none; required by what sends requests"
        }
    }
}
