/// A failure says the same thing to do wherever it is told: when it happens, when it is read again, and at
/// the next pass.

import Foundation
import SandboxKit
import TestSupport
import Testing

@testable import TokenCore

struct RememberedRemedyTests {
    private static let trust =
        "check TEAMS_AUTHORITY_HOST, TEAMS_CA_FILE and the machine's CA certificates"

    private func remedy(_ result: ProgramResult) -> String? {
        (result.json["problems"] as? [[String: Any]])?.first?["remedy"] as? String
    }

    @Test func `a certificate that is not trusted is told alike by all who read of it`()
        async throws
    {
        let server = try NginxServer(listen: "ssl", server: "")
        var installation = try await Installation.initialized()
        installation.environment["TEAMS_CLIENT_ID"] = "client"
        installation.environment["TEAMS_CLIENT_SECRET"] = "secret"
        installation.environment["TEAMS_AUTHORITY_HOST"] = server.url
        try installation.insert(user: "301", expiresIn: -60)
        for _ in 1...2 {
            let result = try await installation.teamsToken("access-token", "301", "--json")
            #expect(result.exitCode == 75)
            #expect(result.errorLines.last == "  hint: \(Self.trust)")
            let problems = try #require(result.json["problems"] as? [[String: Any]])
            try #require(problems.count == 1)
            #expect(problems[0]["user_id"] as? Int == 301)
            #expect(problems[0]["who"] as? String == "operator")
            #expect(problems[0]["verdict"] as? String == "transient")
        }
        let status = try await installation.teamsToken("status", "301")
        #expect(status.json["who"] as? String == "operator")
        #expect(status.json["remedy"] as? String == Self.trust)
        let show = try await installation.teamsToken("show", "301", "--json")
        let shown = try #require((show.json["connections"] as? [[String: Any]])?.first)
        #expect(shown["who"] as? String == "operator")
        #expect(shown["remedy"] as? String == Self.trust)
        let login = try await installation.teamsToken("login", "301", "--json")
        #expect(login.exitCode == 75)
        #expect(remedy(login) == "\(Self.trust), then run `teams-token login 301` again")
        // What an older version stored names nobody, and is read all the same.
        try installation.execute(
            "UPDATE maintain_teams_connections SET refusal = json_remove(refusal, '$.who')")
        let old = try await installation.teamsToken("status", "301")
        #expect(old.json["who"] as? String == "microsoft")
        #expect((old.json["reason"] as? String)?.contains("no answer") == true)
    }

    @Test func `a wrong address is named, by the pass and at sign-in`() async throws {
        try await Installation.withSandbox { sandbox, original in
            var installation = original
            installation.environment["TEAMS_AUTHORITY_HOST"] = sandbox.baseURL + "/foo"
            try installation.insert(user: "7", expiresIn: 60)
            let words = "check TEAMS_AUTHORITY_HOST and TEAMS_TENANT_ID in "
            let refresh = try await installation.teamsToken("refresh", "7", "--json")
            #expect(refresh.exitCode == 75)
            #expect(remedy(refresh)?.hasPrefix(words) == true, "\(remedy(refresh) ?? "")")
            let status = try await installation.teamsToken("status", "7")
            #expect((status.json["remedy"] as? String)?.hasPrefix(words) != false)
            let login = try await installation.teamsToken("login", "7", "--json")
            #expect(remedy(login)?.hasPrefix(words) == true, "\(remedy(login) ?? "")")
            #expect(remedy(login)?.hasSuffix(", then run `teams-token login 7` again") == true)
        }
    }

    @Test func `a sign-in that was declined is one problem with all its fields`() async throws {
        try await Installation.withSandbox { sandbox, installation in
            sandbox.script(
                deviceLogin: DeviceLogin(pendingPolls: 0, outcome: .declined, interval: 1))
            let result = try await installation.teamsToken("login", "7", "--json")
            let problems = try #require(result.json["problems"] as? [[String: Any]])
            try #require(problems.count == 1)
            let problem = problems[0]
            #expect(problem["user_id"] as? Int == 7)
            #expect(problem["verdict"] as? String == "consent_required")
            #expect(problem["who"] as? String == "user")
            #expect(problem["error"] as? String == "authorization_declined")
            #expect(problem["codes"] as? [Int] == [70017])
            #expect((problem["correlation_id"] as? String)?.count == 36)
            #expect(
                problem["remedy"] as? String
                    == "run `teams-token login 7` again when the user agrees to it")
            _ = try Document(result.standardOutput)
        }
    }

    @Test func `lines of an import that are wrong are problems, and their count is none`()
        async throws
    {
        let installation = try await Installation.initialized()
        try installation.directory.write("{}\n{\n", to: "rows")
        let result = try await installation.teamsToken(
            "import", "--json", installation.directory.file("rows"))
        let problems = try #require(result.json["problems"] as? [[String: Any]])
        let messages = problems.compactMap { $0["message"] as? String }
        #expect(!messages.isEmpty)
        #expect(messages.allSatisfy { $0.hasPrefix("line ") })
        #expect(Set(messages).count == messages.count)
    }
}
