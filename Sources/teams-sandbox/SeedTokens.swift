import ArgumentParser
import FoundationEssentials
import SandboxKit

/// Tokens printed for a database that is to be filled by hand.
struct RefreshToken: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh-token",
        abstract: "Print a refresh token that any sandbox accepts for this user.")

    @Argument(help: "The user ID that the token names.")
    var user: String

    @Option(help: "0 is the token of the enrolment; each refresh adds one.")
    var generation = 0

    func validate() throws {
        guard generation >= 0 else { throw ValidationError("a generation is never negative") }
    }

    func run() { print(Sandbox.refreshToken(user: user, generation: generation)) }
}

struct AccessToken: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access-token",
        abstract: "Print an access token that any sandbox accepts for this user.")

    @Argument(help: "The user ID that the token names.")
    var user: String

    // Not --expires-in: that is the parent's, which would take it.
    @Option(
        parsing: .unconditional, help: "Seconds until it expires; negative: it has expired already."
    )
    var validFor = 3600

    func run() {
        let expiresAt = Date().addingTimeInterval(Double(validFor))
        print(Sandbox.accessToken(user: user, expiresAt: expiresAt))
    }
}
