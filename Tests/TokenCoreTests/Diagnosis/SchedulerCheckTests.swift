import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct SchedulerCheckTests {
    private static let line =
        "7,22,37,52 * * * * root /usr/local/bin/maintain-teams --report change\n"

    private func findings(
        _ files: [String: String], owner: UInt32 = geteuid(),
        _ more: (TemporaryDirectory) throws -> Void = { _ in }
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
        return SchedulerCheck(
            refreshBefore: .seconds(1800), passInterval: .seconds(900), root: directory.path,
            owner: owner
        ).findings.map {
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
        // The line ends of Windows hide no line.
        let windows = try findings([
            "etc/cron.d/teams.cron": "SHELL=/bin/sh\r\n" + Self.line.replacing("\n", with: "\r\n")
        ])
        #expect(windows.first == "warning: cron passes over /etc/cron.d/teams.cron")
        let open = String(Self.line.dropLast())
        #expect(
            try findings(["etc/cron.d/teams": open]).first
                == "warning: the last line of /etc/cron.d/teams has no line end")
        let shared = try findings(["etc/cron.d/teams": Self.line]) { directory in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o664], ofItemAtPath: directory.file("etc/cron.d/teams"))
        }
        #expect(shared.first == "warning: others than root can write /etc/cron.d/teams")
        for path in ["etc/cron.d/teams", "etc/crontab"] {
            let name = UserName.of(geteuid())
            #expect(
                try findings([path: Self.line], owner: geteuid() + 1)
                    == ["warning: /\(path) belongs to \(name)"])
        }
        // A user's own table is his.
        let own = Self.line.replacingOccurrences(of: "root ", with: "")
        #expect(
            try findings(["var/spool/cron/crontabs/www-data": own], owner: geteuid() + 1)
                == ["ok: passes are started by /var/spool/cron/crontabs/www-data"])
        let stranger = Self.line.replacingOccurrences(of: "root", with: "no-such-user")
        #expect(
            try findings(["etc/cron.d/teams": stranger])
                == [
                    "warning: /etc/cron.d/teams starts passes as no-such-user, whom this machine does not know"
                ])
    }

    @Test(arguments: [
        (["proc/1/comm": "systemd\n", "proc/20/comm": "cron\n"], true),
        (["proc/1/comm": "crond\n"], true),
        (["proc/1/comm": "init\n", "proc/20/comm": "bash\n"], false),
        // Other users' processes are hidden here.
        (["proc/20/comm": "bash\n"], true),
        (
            [
                "proc/1/comm": "systemd\n",
                "usr/lib/systemd/system-generators/systemd-crontab-generator": "",
            ], true
        ),
    ])
    func `a crontab that nobody reads is told`(processes: [String: String], isWell: Bool) throws {
        let found = try findings(processes.merging(["etc/cron.d/teams": Self.line]) { $1 })
        #expect(
            found == [
                isWell
                    ? "ok: passes are started by /etc/cron.d/teams"
                    : "warning: /etc/cron.d/teams is to start passes, and no cron daemon runs"
            ])
    }

    @Test(
        arguments: [
            ("7 * * * *", 60), ("*/15 * * * *", 15), ("* * * * *", 1), ("0-30/10 * * * *", 30),
            ("5,50 * * * *", 45), ("0 */2 * * *", 120), ("*/15 8-17 * * *", 855), ("@hourly", 60),
            ("@daily", 1440), ("7 3 * * *", 1440), ("7 3 * * 1", nil), ("@reboot", nil),
            ("60 * * * *", nil), ("x * * * *", nil), ("*/0 * * * *", nil), ("5-1 * * * *", nil),
        ] as [(String, Int?)])
    func `the longest time between two starts`(times: String, minutes: Int?) {
        let fields = times.split(separator: " ").map(String.init)
        #expect(CronTimes(fields)?.longestGap == minutes.map { .seconds($0 * 60) })
    }

    @Test func `a line that leaves tokens alone for longer than their margin is a problem`() throws
    {
        for (times, severity, words) in [
            ("7 * * * *", "problem", "1h between two passes, and a token is due 30m before it"),
            ("*/20 * * * *", "warning", "20m between two passes, and TEAMS_PASS_INTERVAL is 15m"),
            ("*/5 * * * *", "ok", "passes are started by"),
        ] {
            let line = "\(times) root maintain-teams\n"
            let found = try findings(["etc/cron.d/teams": line])
            #expect(found.count == 1)
            #expect(found[0].hasPrefix("\(severity): ") && found[0].contains(words), "\(found)")
        }
    }
}
