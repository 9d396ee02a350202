import Testing

@testable import TokenCore

struct ConfigurationLoaderTests {
    let fixture: ConfigurationFixture
    let client = ["TEAMS_CLIENT_ID": "sandbox"]

    init() throws { fixture = try ConfigurationFixture() }

    @Test func `option beats environment, environment beats file, file beats default`() throws {
        let path = try fixture.write(
            "TEAMS_PROVIDER=file\nTEAMS_REFRESH_BEFORE=1h\nTEAMS_TENANT_ID=file", to: "c.env")
        let configuration = try fixture.load(
            options: [.provider: "option"], configOption: path,
            environment: client.merging(
                ["TEAMS_PROVIDER": "environment", "TEAMS_REFRESH_BEFORE": "2h"]
            ) { $1 })
        #expect(configuration.provider == "option")
        #expect(configuration.refreshBefore == .seconds(7_200))
        #expect(configuration.tenantID == "file")
        #expect(configuration.databaseTimeZone == "UTC")
        #expect(configuration.file == path)
    }

    @Test func `an empty value counts as none, but not in an option`() throws {
        let path = try fixture.write("TEAMS_PROVIDER=file\nTEAMS_SCOPES=\"\"", to: "c.env")
        let environment = client.merging(["TEAMS_PROVIDER": "", "TEAMS_CONFIG": path]) { $1 }
        let configuration = try fixture.load(environment: environment)
        #expect(configuration.provider == "file")
        #expect(configuration.scopes == nil)
        let failure = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(options: [.provider: ""], environment: environment)
        }
        #expect(failure?.kind == .usage)
    }

    @Test func `of the places for a config file the first that has one counts`() throws {
        let etc = try fixture.write("TEAMS_CLIENT_ID=etc", to: "etc/maintain-teams/config.env")
        #expect(try fixture.load().file == etc)
        let home = try fixture.write(
            "TEAMS_CLIENT_ID=home", to: "home/.config/maintain-teams/config.env")
        #expect(try fixture.load().file == home)
        #expect(try fixture.load(environment: ["XDG_CONFIG_HOME": "relative"]).file == home)
        let xdg = try fixture.write("TEAMS_CLIENT_ID=xdg", to: "xdg/maintain-teams/config.env")
        var environment = ["XDG_CONFIG_HOME": "\(fixture.directory)/xdg"]
        #expect(try fixture.load(environment: environment).file == xdg)
        let named = try fixture.write("TEAMS_CLIENT_ID=named", to: "named.env")
        environment["TEAMS_CONFIG"] = named
        #expect(try fixture.load(environment: environment).clientID == "named")
        let option = try fixture.write("TEAMS_CLIENT_ID=option", to: "option.env")
        #expect(try fixture.load(configOption: option, environment: environment).file == option)
    }

    @Test func `a config file that is named has to exist and to be readable`() throws {
        for environment in [client, client.merging(["TEAMS_CONFIG": "/nonexistent"]) { $1 }] {
            let option = environment["TEAMS_CONFIG"] == nil ? "/nonexistent" : nil
            let failure = #expect(throws: ConfigurationFailure.self) {
                try fixture.load(configOption: option, environment: environment)
            }
            #expect(failure?.kind == .configuration)
            #expect(failure?.problems.count == 1)
            #expect(failure?.summary.hasPrefix("/nonexistent: config file") == true)
        }
        let path = try fixture.write("", to: "c.env")
        let closed = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(configOption: path, refusing: [path])
        }
        #expect(closed?.kind == .permission)
        #expect(closed?.problems.count == 1)
        let directory = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(configOption: fixture.directory)
        }
        #expect(directory?.kind == .configuration)
        let empty = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(configOption: "")
        }
        #expect(empty?.kind == .usage)
    }

    @Test func `a default file that may not be read is skipped when nothing of it is missed`()
        throws
    {
        let etc = try fixture.write("TEAMS_CLIENT_ID=etc", to: "etc/maintain-teams/config.env")
        let configuration = try fixture.load(environment: client, refusing: [etc])
        #expect(configuration.file == nil)
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings[0].hasPrefix(etc))

        let failure = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(refusing: [etc])
        }
        #expect(failure?.kind == .permission)
        #expect(failure?.problems.map(\.source) == [.file(etc, line: nil)])
    }

    @Test func `what sends no request misses only the database of a file it may not read`() throws {
        let etc = try fixture.write("TEAMS_CLIENT_ID=etc", to: "etc/maintain-teams/config.env")
        let failure = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(needsClient: false, refusing: [etc])
        }
        #expect(failure?.kind == .permission)
        _ = try fixture.load(options: [.database: "/d"], needsClient: false, refusing: [etc])
        try fixture.write("", to: "home/.local/share/maintain-teams/teams.sqlite3")
        _ = try fixture.load(needsClient: false, refusing: [etc])
    }

    @Test func `the database is root's in var, and a user's in the data directory`() throws {
        #expect(
            try fixture.load(environment: client, isRoot: true).databasePath
                == "/var/lib/maintain-teams/teams.sqlite3")
        #expect(
            try fixture.load(environment: client).databasePath
                == "\(fixture.directory)/home/.local/share/maintain-teams/teams.sqlite3")
        #expect(
            try fixture.load(environment: client.merging(["XDG_DATA_HOME": "/x"]) { $1 })
                .databasePath
                == "/x/maintain-teams/teams.sqlite3")
        let homeless = #expect(throws: ConfigurationFailure.self) {
            try ConfigurationLoader.load(
                environment: client.merging(["TEAMS_CONFIG": "/dev/null"]) { $1 },
                needsClient: true, isRoot: false, home: nil)
        }
        #expect(homeless?.problems.map(\.key) == ["TEAMS_DATABASE"])
        let closedOut = #expect(throws: ConfigurationFailure.self) {
            try ConfigurationLoader.load(
                options: [:], configOption: nil, environment: client, needsClient: true,
                places: DefaultPlaces(environment: [:], isRoot: false, home: nil),
                read: { _ throws(SystemError) in throw SystemError(code: 13, action: "open") })
        }
        #expect(closedOut?.kind == .permission)
    }

    @Test func `a client id is required only by what sends requests`() throws {
        let failure = #expect(throws: ConfigurationFailure.self) { try fixture.load() }
        #expect(failure?.kind == .configuration)
        #expect(failure?.summary.hasPrefix("TEAMS_CLIENT_ID: not set; put the application") == true)
        let nowhere = #expect(throws: ConfigurationFailure.self) {
            try ConfigurationLoader.load(
                options: [:], configOption: nil, environment: ["TEAMS_CLIENT_IDD": "y"],
                needsClient: true,
                places: DefaultPlaces(environment: [:], isRoot: true, home: "/home/a"),
                read: { _ throws(SystemError) in throw SystemError(code: 2, action: "open") })
        }
        #expect(
            nowhere?.summary.hasSuffix(
                "in the environment or /home/a/.config/maintain-teams/config.env or /etc/maintain-teams/config.env"
            ) == true)
        #expect(nowhere?.warnings.count == 1)
        #expect(try fixture.load(needsClient: false).clientID == nil)
    }

    @Test func `all problems are reported at once, each where it stands`() throws {
        let problems = try fixture.problems(
            lines: """
                # comment
                TEAMS_CLIENT_ID=your-client-id
                TEAMS_CLIENT_SECRT=canary
                nonsense
                TEAMS_CONCURRENCY=0
                TEAMS_CLOUD=mars
                """, environment: ["TEAMS_REQUEST_TIMEOUT": "soon"])
        let path = "\(fixture.directory)/config.env"
        #expect(
            Set(problems.map(\.description)) == [
                "\(path):4: has no =; write KEY=value",
                "\(path):3: TEAMS_CLIENT_SECRT: unknown key; did you mean TEAMS_CLIENT_SECRET?",
                "\(path):2: TEAMS_CLIENT_ID: still the placeholder \"your-client-id\"; "
                    + "put the application (client) id of your app registration in its place",
                "\(path):5: TEAMS_CONCURRENCY: \"0\" is not a whole number from 1 to 1024; write one",
                "\(path):6: TEAMS_CLOUD: \"mars\" is unknown; "
                    + "write one of global, usgov, usgov-dod, china",
                "environment: TEAMS_REQUEST_TIMEOUT: \"soon\" is not a duration; "
                    + "write it as 90s, 30m, 2h or plain seconds, at most 87600h",
            ])
        #expect(problems.count == 6)
    }

    @Test(arguments: ["TEAMS_CLIENT_ID=\"a", "TEAMS_CLIENT_ID=\0"])
    func `a value that can't be read is not called missing as well`(line: String) throws {
        #expect(try fixture.problems(lines: "# comment\n\(line)").count == 1)
    }

    @Test func `usage decides before configuration, configuration before permission`() throws {
        let path = try fixture.write(
            "TEAMS_CLIENT_SECRET=s\nTEAMS_CLOUD=mars", to: "c", mode: 0o644)
        let failure = try #require(
            #expect(throws: ConfigurationFailure.self) {
                try fixture.load(
                    options: [.concurrency: "none"], configOption: path, environment: client)
            })
        #expect(failure.kind == .usage)
        #expect(failure.problems.count == 3)
        #expect(failure.summary.hasPrefix("--concurrency: \"none\" is not"))
        #expect(failure.summary.hasSuffix("(and 2 more problems)"))
        #expect(failure.details.count == 2)
        let other = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(configOption: path, environment: client)
        }
        #expect(other?.kind == .configuration)
        #expect(other?.summary.hasSuffix("(and 1 more problem)") == true)
    }

    @Test(arguments: [
        ("TEAMS_CLIENT_IDD", "did you mean TEAMS_CLIENT_ID?"),
        ("teams_client_id", "TEAMS_CLIENT_ID?"),
        ("CLIENT_ID", "did you mean TEAMS_CLIENT_ID?"), ("TEAMS_DATABSE", "TEAMS_DATABASE?"),
        ("TEAMS_CONFIG", "set it in the environment"), ("HTTPS_PROXY", "crontab or unit"),
        ("SOMETHING", "unknown key; remove the line"),
    ])
    func `an unknown key in the file is a problem with a way out`(key: String, words: String) throws
    {
        let problems = try fixture.problems(lines: "TEAMS_CLIENT_ID=a\n\(key)=canary")
        #expect(problems.map(\.key) == [key])
        #expect(problems[0].source == .file("\(fixture.directory)/config.env", line: 2))
        #expect(problems[0].message.contains(words))
        #expect(!problems[0].description.contains("canary"))
    }

    @Test(arguments: ["TEAMS_DATABSE", "TEAMS_CLIENT_SECERT", "TEAM_CLIENT_ID", "TEAMS_HOKO"])
    func `a near miss in the environment is warned about`(name: String) throws {
        let configuration = try fixture.load(environment: client.merging([name: "canary"]) { $1 })
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings[0].hasPrefix("environment: \(name): ignored; did you mean "))
        #expect(!configuration.warnings[0].contains("canary"))
    }

    @Test(arguments: [
        "TEAMS_API_KEY", "TEAMS_API_KEYS_FILE", "TEAMS_ACCESS_TOKEN", "TEAMS_WEBHOOK_URL",
        "TEAMS_HOST",
        "HOME", "TEAMS_",
    ])
    func `other variables belong to the application`(name: String) throws {
        #expect(try fixture.load(environment: client.merging([name: "/x"]) { $1 }).warnings.isEmpty)
    }

    @Test(arguments: [
        (
            ["TEAMS_REFRESH_BEFORE": "29m"],
            "TEAMS_REFRESH_BEFORE (29m) is less than two pass intervals"
        ),
        (
            ["TEAMS_PASS_INTERVAL": "20m"],
            "TEAMS_REFRESH_BEFORE (30m) is less than two pass intervals"
        ),
        (["TEAMS_MAX_DURATION": "15m"], "TEAMS_MAX_DURATION (15m) leaves no room"),
    ])
    func `times that cannot work out are warned about`(
        environment: [String: String], words: String
    ) throws {
        let warnings = try fixture.load(environment: client.merging(environment) { $1 }).warnings
        #expect(warnings.count == 1)
        #expect(warnings[0].hasPrefix(words))
    }

    @Test func `the budget of a pass follows its interval`() throws {
        let environment = client.merging(["TEAMS_PASS_INTERVAL": "5m"]) { $1 }
        #expect(try fixture.load(environment: environment).maxDuration == .seconds(240))
    }

    @Test func `a relative path in the file is mentioned`() throws {
        let warnings = try fixture.load(
            lines: "TEAMS_CLIENT_ID=a\nTEAMS_LOG_FILE=teams.log"
        ).warnings
        #expect(warnings.count == 1)
        #expect(warnings[0].contains("config.env:2: TEAMS_LOG_FILE: a relative path"))
        let configuration = try fixture.load(
            options: [.logFile: "teams.log"], environment: client)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.logFile == "teams.log")
    }

    @Test func `certificates that are not there are a problem of what sends requests`() throws {
        let environment = client.merging(["TEAMS_CA_FILE": "/nonexistent.pem"]) { $1 }
        let failure = #expect(throws: ConfigurationFailure.self) {
            try fixture.load(environment: environment)
        }
        #expect(failure?.problems.map(\.key) == ["TEAMS_CA_FILE"])
        _ = try fixture.load(environment: environment, needsClient: false)
    }

    @Test(arguments: [
        ("", "is empty"), ("hello\n", "holds no certificate in PEM form"),
        ("-----BEGIN PRIVATE KEY-----\n", "holds no certificate in PEM form"),
    ])
    func `a file without a certificate is no certificate file`(text: String, fault: String) throws {
        let path = try fixture.write(text, to: "ca.pem")
        let problem = try #require(fixture.problem(.certificateFile, path))
        #expect(problem.kind == .configuration)
        #expect(
            problem.description
                == "environment: TEAMS_CA_FILE: certificate file \(path) \(fault)"
                + (text.isEmpty ? "" : " (-----BEGIN CERTIFICATE-----)")
                + "; name a PEM bundle, or take the setting out to trust the system's store")
    }

    @Test func `a certificate is found wherever it stands, and in either form`() throws {
        for (length, label) in [
            (0, "CERTIFICATE"), (65_530, "CERTIFICATE"), (9, "TRUSTED CERTIFICATE"),
        ] {
            let text = String(repeating: "#", count: length) + "\n-----BEGIN \(label)-----\n"
            let path = try fixture.write(text, to: "ca.pem")
            #expect(fixture.problem(.certificateFile, path) == nil)
        }
        let directory = fixture.problem(.certificateFile, fixture.directory)?.message
        #expect(directory?.contains("is a directory; name a PEM bundle") == true)
    }

    @Test func `monitoring and logging are taken over`() throws {
        let configuration = try fixture.load(
            options: [.metricsFile: "/m.prom", .report: "error", .lockWait: "5s"],
            environment: client.merging([
                "TEAMS_PING_URL": "https://hc-ping.com/x/", "TEAMS_LOG_FORMAT": "json",
                "TEAMS_LOG_LEVEL": "debug",
            ]) { $1 })
        #expect(configuration.metricsFile == "/m.prom")
        #expect(configuration.pingURL == "https://hc-ping.com/x")
        #expect(configuration.reportPolicy == .error)
        #expect(configuration.lockWait == .seconds(5))
        #expect(configuration.logFormat == .json)
        #expect(configuration.logLevel == .debug)
    }
}
