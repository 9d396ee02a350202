import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct TeamsTokenInitTests {
    @Test func `a database is made with its directory, closed to others`() async throws {
        var installation = try Installation()
        let path = installation.directory.file("var/lib/teams.sqlite3")
        installation.environment["TEAMS_DATABASE"] = path
        let result = try await installation.teamsToken("init")
        #expect(result.exitCode == 0)
        #expect(result.standardError == "")
        #expect(result.standardOutput == "created \(path) with the table oauth_tokens\n")
        #expect(try FileStatus(path: path).permissions == 0o600)
        #expect(try FileStatus(path: installation.directory.file("var")).permissions == 0o700)
        #expect(try FileStatus(path: installation.directory.file("var/lib")).permissions == 0o700)
    }

    @Test func `the table has its index, a write-ahead log, and nothing of ours`() async throws {
        let installation = try await Installation.initialized()
        #expect(try installation.value("PRAGMA journal_mode") == .text("wal"))
        let names = try installation.value(
            "SELECT group_concat(name, ' ') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        #expect(names == .text("oauth_tokens idx_expires_at"))
        #expect(
            try installation.value("SELECT sql FROM sqlite_master WHERE name = 'idx_expires_at'")
                == .text("CREATE INDEX idx_expires_at ON oauth_tokens (expires_at)"))
    }

    @Test func `doing it again changes nothing`() async throws {
        let installation = try await Installation.initialized()
        try installation.insert(user: "7", expiresIn: 60)
        let again = try await installation.teamsToken("init", "--json")
        #expect(again.exitCode == 0)
        #expect(again.json["created_file"] as? Bool == false)
        #expect(again.json["created_table"] as? Bool == false)
        #expect(try installation.value("SELECT count(*) FROM oauth_tokens") == .integer(1))
    }

    @Test func `somebody else's database keeps its journal mode`() async throws {
        let installation = try Installation()
        try installation.execute("CREATE TABLE theirs (x)")
        let result = try await installation.teamsToken("init")
        #expect(
            result.standardOutput
                == "created the table oauth_tokens in \(installation.databasePath)\n")
        #expect(try installation.value("PRAGMA journal_mode") == .text("delete"))
    }

    @Test func `an existing table that can't serve is left alone and told`() async throws {
        let installation = try Installation()
        try installation.execute("CREATE TABLE oauth_tokens (user_id, provider)")
        let result = try await installation.teamsToken("init")
        #expect(result.exitCode == 74)
        #expect(
            result.firstErrorLine.contains("has no column access_token, refresh_token, expires_at"))
        #expect(try installation.value("SELECT count(*) FROM sqlite_master") == .integer(1))
    }

    @Test func `a file that is no database is told as that`() async throws {
        let installation = try Installation()
        try installation.directory.write(
            String(repeating: "no database ", count: 100), to: "teams.sqlite3")
        let result = try await installation.teamsToken("init")
        #expect(result.exitCode == 74)
        #expect(result.firstErrorLine.hasPrefix("teams-token: DATABASE (74): "))
    }
}
