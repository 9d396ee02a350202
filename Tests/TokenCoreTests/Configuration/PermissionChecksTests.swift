import Glibc
import Testing

@testable import TokenCore

struct PermissionChecksTests {
    let fixture: ConfigurationFixture

    init() throws { fixture = try ConfigurationFixture() }

    @Test(arguments: [
        (mode_t(0o400), String?.none), (0o600, nil), (0o640, nil), (0o440, nil),
        (0o644, "0640"), (0o604, "0600"), (0o660, "0640"), (0o602, "0600"), (0o666, "0640"),
        (0o444, "0440"), (0o777, "0750"),
    ])
    func `a secret file is for its owner to write and its group to read`(
        mode: mode_t, mended: String?
    ) throws {
        let path = try fixture.write("s", to: "secret", mode: mode)
        let finding = PermissionChecks.secretProblem(path)
        #expect((finding != nil) == (mended != nil))
        #expect(finding?.isWarning != true)
        if let finding, let mended {
            #expect(finding.message.hasSuffix("; chmod \(mended) \(path)"))
            chmod(path, mode_t(mended, radix: 8)!)
            #expect(PermissionChecks.secretProblem(path) == nil)
        }
    }

    @Test func `nobody is told to change the mode of a directory`() {
        let path = "\(fixture.directory)/shared"
        mkdir(path, 0o700)
        chmod(path, 0o1777)
        #expect(PermissionChecks.databaseProblem(path) == nil)
        #expect(PermissionChecks.secretProblem(path) == nil)
        #expect(PermissionChecks.programProblem(path) == nil)
    }

    @Test func `a closed directory above makes it a warning, through links too`() throws {
        let path = try fixture.write("s", to: "closed/inner/secret", mode: 0o444)
        fixture.setMode(0o750, of: "closed")
        let link = "\(fixture.directory)/link"
        symlink(path, link)
        #expect(PermissionChecks.secretProblem(path)?.isWarning == true)
        #expect(PermissionChecks.secretProblem(link)?.isWarning == true)
    }

    @Test(arguments: [
        (mode_t(0o755), true), (0o700, true), (0o775, false), (0o757, false), (0o777, false),
    ])
    func `a hook is for its owner to write, wherever it is`(mode: mode_t, isSafe: Bool) throws {
        let path = try fixture.write("#!/bin/sh\n", to: "closed/hook", mode: mode)
        fixture.setMode(0o700, of: "closed")
        let finding = PermissionChecks.programProblem(path)
        #expect((finding == nil) == isSafe)
        #expect(finding?.isWarning != true)
    }

    @Test(arguments: [
        (mode_t(0o600), Bool?.none), (0o660, nil), (0o644, true), (0o664, true), (0o666, false),
        (0o602, false),
    ])
    func `a database that the world can write is a problem, one it can read a warning`(
        mode: mode_t, isWarning: Bool?
    ) throws {
        let path = try fixture.write("", to: "teams.sqlite3", mode: mode)
        let finding = PermissionChecks.databaseProblem(path)
        #expect(finding?.isWarning == isWarning)
        if let finding {
            let mended = String(mode & ~0o007, radix: 8)
            #expect(finding.message.hasSuffix("; chmod 0\(mended) \(path)"))
        }
    }

    @Test func `a file that is not there is no matter of permission`() {
        #expect(PermissionChecks.secretProblem("/nonexistent") == nil)
        #expect(PermissionChecks.databaseProblem("/nonexistent") == nil)
    }

    @Test func `the command takes a path with spaces and quotes`() throws {
        let path = try fixture.write("s", to: "it's mine", mode: 0o644)
        let finding = PermissionChecks.secretProblem(path)
        #expect(
            finding?.message.hasSuffix(#"chmod 0640 '\#(fixture.directory)/it'\''s mine'"#) == true)
    }
}

/// The same checks, as the loader applies them to the files that the settings name.
struct ConfigurationPermissionTests {
    let fixture: ConfigurationFixture

    init() throws { fixture = try ConfigurationFixture() }

    @Test(arguments: ["TEAMS_CLIENT_SECRET=canary", "TEAMS_API_KEY=canary"])
    func `a config file with a secret in it is checked like a secret file`(line: String) throws {
        let problems = try fixture.problems(lines: "TEAMS_CLIENT_ID=a\n\(line)", mode: 0o644)
        let path = "\(fixture.directory)/config.env"
        #expect(problems.map(\.kind) == [.permission])
        #expect(
            problems.map(\.description) == [
                "\(path): config file that holds a secret has mode 0644, the world can read it; "
                    + "chmod 0640 \(path)"
            ])
        #expect(try fixture.problems(lines: "TEAMS_CLIENT_ID=a\n\(line)", mode: 0o640).isEmpty)
    }

    @Test func `a config file without one may be read by all`() throws {
        let lines = "TEAMS_CLIENT_ID=a\nTEAMS_CLIENT_SECRET="
        #expect(try fixture.problems(lines: lines, mode: 0o664).isEmpty)
    }

    @Test func `a config file that names a hook is for its owner to write`() throws {
        let lines = "TEAMS_CLIENT_ID=a\nTEAMS_HOOK=/bin/true"
        #expect(try fixture.problems(lines: lines, mode: 0o644).isEmpty)
        let problems = try fixture.problems(lines: lines, mode: 0o664)
        #expect(problems.map(\.kind) == [.permission])
        #expect(problems[0].message.contains("names a hook"))
    }

    @Test func `one problem is enough for a file that holds a secret and names a hook`() throws {
        let lines = "TEAMS_CLIENT_ID=a\nTEAMS_HOOK=/bin/true\nTEAMS_CLIENT_SECRET=s"
        let problems = try fixture.problems(lines: lines, mode: 0o666)
        #expect(problems.count == 1)
        #expect(problems[0].message.hasSuffix("chmod 0640 \(fixture.directory)/config.env"))
    }

    @Test func `a hook that others can write is a problem, a missing one a warning`() throws {
        let hook = try fixture.write("#!/bin/sh\n", to: "hook", mode: 0o775)
        let environment = ["TEAMS_CLIENT_ID": "a", "TEAMS_HOOK": hook]
        let failure = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(environment: environment)
        }
        #expect(failure?.kind == .permission)
        fixture.setMode(0o755, of: "hook")
        #expect(try fixture.load(environment: environment).warnings.isEmpty)
        let missing = environment.merging(["TEAMS_HOOK": "/nonexistent"]) { $1 }
        #expect(try fixture.load(environment: missing).warnings.count == 1)
    }

    @Test func `a secret file that the world can read is a problem even if it need not be read`()
        throws
    {
        let path = try fixture.write("canary", to: "secret", mode: 0o644)
        let environment = ["TEAMS_CLIENT_ID": "a", "TEAMS_CLIENT_SECRET_FILE": path]
        for needsClient in [true, false] {
            let failure = #expect(throws: ConfigurationFailure.self) {
                try fixture.load(environment: environment, needsClient: needsClient)
            }
            #expect(failure?.kind == .permission)
            #expect(failure?.description.contains("canary") == false)
        }
    }

    @Test func `where nobody else gets in, an open secret file is only mentioned`() throws {
        let path = try fixture.write("s3", to: "run/secret", mode: 0o444)
        fixture.setMode(0o700, of: "run")
        let configuration = try fixture.load(
            environment: ["TEAMS_CLIENT_ID": "a", "TEAMS_CLIENT_SECRET_FILE": path])
        #expect(configuration.clientSecret?.exposed == "s3")
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings[0].contains("chmod 0440"))
    }
}
