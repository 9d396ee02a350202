import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct SchedulerCheckTests {
    private static let line = "7 * * * * root /usr/local/bin/maintain-teams --report change\n"

    private func findings(
        _ files: [String: String], _ more: (TemporaryDirectory) throws -> Void = { _ in }
    )
        throws -> [String]
    {
        let directory = try TemporaryDirectory()
        for (path, text) in files {
            let folder = directory.file(FilePaths.directory(of: path))
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try directory.write(text, to: path)
        }
        let programs = directory.file("usr/local/bin")
        try FileManager.default.createDirectory(
            atPath: programs, withIntermediateDirectories: true)
        try directory.write("", to: "usr/local/bin/maintain-teams")
        try FileManager.default.createDirectory(
            atPath: directory.file("var/lib/maintain-teams"), withIntermediateDirectories: true)
        try more(directory)
        return SchedulerCheck(root: directory.path).findings.map {
            "\($0.severity.name): \($0.seen)"
        }
    }

    @Test func `a machine that starts nothing is told so`() throws {
        #expect(try findings([:]) == ["note: nothing on this machine was seen to start passes"])
        let others = [
            "etc/cron.d/other":
                "7 * * * * root true\n# 7 * * * * maintain-teams\nMAILTO=maintain-teams\n"
        ]
        #expect(try findings(others).first?.hasPrefix("note: nothing") == true)
    }

    @Test(arguments: ["etc/cron.d/teams", "etc/crontab", "var/spool/cron/crontabs/www-data"])
    func `a line of a crontab is found`(path: String) throws {
        #expect(try findings([path: Self.line]) == ["ok: passes are started by /\(path)"])
    }

    @Test(arguments: [
        "0 3 * * * root tar -c /var/lib/maintain-teams",
        "0 3 * * * root sqlite3 /var/lib/maintain-teams/teams.sqlite3 '.backup /b'",
        "7 * * * * maintain-teams true", "7 * * * * root maintain-teams-not-me",
        "@daily maintain-teams /usr/bin/true",
    ])
    func `a line that only mentions it starts nothing`(line: String) throws {
        let found = try findings(["etc/cron.d/teams": line + "\n"])
        #expect(found == ["note: nothing on this machine was seen to start passes"])
    }

    @Test func `a program that is not there is no schedule, and two lines are one too many`()
        throws
    {
        let gone = Self.line.replacingOccurrences(of: "/local", with: "")
        #expect(
            try findings(["etc/cron.d/teams": gone]) == [
                "warning: /etc/cron.d/teams starts /usr/bin/maintain-teams, which is not there"
            ])
        #expect(
            try findings(["etc/cron.d/a": Self.line, "etc/cron.d/b": Self.line]) == [
                "warning: two lines start passes: /etc/cron.d/a and /etc/cron.d/b"
            ])
    }

    @Test func `cron and timer together are one too many`() throws {
        let found = try findings(["etc/cron.d/teams": Self.line]) { directory in
            let wants = directory.file("etc/systemd/system/timers.target.wants")
            try FileManager.default.createDirectory(
                atPath: wants, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(wants)/maintain-teams.timer", withDestinationPath: "/nowhere")
        }
        #expect(
            found == [
                "warning: both /etc/cron.d/teams and "
                    + "/etc/systemd/system/timers.target.wants/maintain-teams.timer start passes"
            ])
    }

    @Test func `a line that gives way to systemd is no second one`() throws {
        let guarded = "7 * * * * root [ -d /run/systemd/system ] || maintain-teams\n"
        let found = try findings(["etc/cron.d/teams": guarded]) { directory in
            for folder in ["etc/systemd/system/timers.target.wants", "run/systemd/system"] {
                try FileManager.default.createDirectory(
                    atPath: directory.file(folder), withIntermediateDirectories: true)
            }
            try directory.write(
                "", to: "etc/systemd/system/timers.target.wants/maintain-teams.timer")
        }
        #expect(found.count == 1 && found[0].hasPrefix("ok: passes are started by /etc/systemd"))
    }

    @Test func `what cron passes over is found`() throws {
        let dotted = try findings(["etc/cron.d/teams.cron": Self.line])
        #expect(dotted.first == "warning: cron passes over /etc/cron.d/teams.cron")
        let open = String(Self.line.dropLast())
        #expect(
            try findings(["etc/cron.d/teams": open]).first
                == "warning: the last line of /etc/cron.d/teams has no line end")
        let shared = try findings(["etc/cron.d/teams": Self.line]) { directory in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o664], ofItemAtPath: directory.file("etc/cron.d/teams"))
        }
        #expect(shared.first == "warning: others than root can write /etc/cron.d/teams")
    }
}
