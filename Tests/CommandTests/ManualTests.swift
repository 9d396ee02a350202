/// The manual pages, made anew from the built programs and read as plain text.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct ManualTests {
    private let directory: TemporaryDirectory

    /// Makes the pages as an installation does.
    init() async throws {
        directory = try TemporaryDirectory()
        let result = try await ProgramRunner(
            path: "/bin/sh", environment: ["PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": "86400"]
        ).run(Project.path("docs/scripts/manual.sh"), Project.products, directory.path)
        #expect(result.exitCode == 0, "\(result.standardError)")
    }

    /// A page's source without the escapes of what can be typed.
    private func source(_ page: String) throws -> String {
        let text = String(decoding: try #require(directory.contents(page)), as: UTF8.self)
        return text.split(separator: "\\-").joined(separator: "-")
    }

    private func words(_ page: String) throws -> Set<Substring> {
        Set(try source(page).split { $0 == " " || $0 == "\n" })
    }

    private static let mandoc = "/usr/bin/mandoc"

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: mandoc)),
        arguments: ["maintain-teams.8", "teams-token.1", "maintain-teams.env.5"])
    func `mandoc has no warning about a page`(page: String) async throws {
        let result = try await ProgramRunner(path: Self.mandoc, environment: [:])
            .run("-T", "lint", "-W", "warning", directory.file(page))
        #expect(result.exitCode == 0)
        #expect(result.standardOutput + result.standardError == "")
        #expect(try source(page).hasPrefix(".Dd January 2, 1970\n"))
    }

    @Test(arguments: [
        ("maintain-teams", "maintain-teams.8"), ("teams-token", "teams-token.1"),
    ])
    func `every option, command and value of the help is in the manual`(
        program: String, page: String
    ) async throws {
        let runner = ProgramRunner(program, environment: [:])
        let top = try await runner.run("--help").standardOutput
        let commands = top.listed(below: "SUBCOMMANDS:")
        let words = try words(page)
        for command in commands { #expect(words.contains(command[...]), "\(command)") }
        var help = top
        for command in commands { help += try await runner.run(command, "--help").standardOutput }
        let options = Set(help.matches(of: /(?m)^ +(?:-\w, )?(--[a-z-]+)/).map { String($0.1) })
        #expect(options.count > 8)
        for option in options { #expect(words.contains(option.dropFirst()), "\(option)") }
        for value in Set(help.matches(of: /<([a-z-]+)>/).map { String($0.1) })
        where !["options", "subcommand"].contains(value) {
            #expect(words.contains(value[...]), "\(value)")
        }
    }

    @Test(arguments: ["maintain-teams.8", "teams-token.1"])
    func `every exit status is in the manual, with its meaning`(page: String) throws {
        let source = try source(page)
        for row in ExitStatus.table {
            #expect(source.contains(".It \(row.code)\n.Sy \(row.name) :\n\(row.meaning).\n"))
        }
    }

    @Test func `every setting is in the manual, with its option and its default`() throws {
        let settings = try source("maintain-teams.env.5").split(separator: "\n.It Ev ")
            .map { "\n.It Ev \($0)" }
        for setting in Setting.table {
            let entry = try #require(
                settings.first { $0.hasPrefix("\n.It Ev \(setting.key.rawValue)\n") })
            let meaning = setting.meaning.filter { $0 != "`" }
            #expect(entry.lowercased().contains(meaning.lowercased()))
            if let option = setting.option { #expect(entry.contains("Fl \(option.dropFirst()) .")) }
            if case .value(let text) = setting.fallback {
                #expect(entry.contains("Default: \(text)."))
            }
        }
    }
}

extension String {
    /// The first words of the lines below a heading of a help text.
    fileprivate func listed(below heading: String) -> [String] {
        let lines = split(separator: "\n").drop { $0 != heading }.dropFirst()
        return lines.prefix { $0.hasPrefix("  ") && !$0.contains("See '") }
            .filter { $0.dropFirst(2).first != " " }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }
}
