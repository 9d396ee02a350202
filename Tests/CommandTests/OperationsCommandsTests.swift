/// The commands of docs/operations.md, followed to the letter on a machine that README has set up: the user of
/// the service is in the group of the application, and there is no group of its own.

import Foundation
import TestSupport
import Testing

@testable import TokenCore

struct OperationsCommandsTests {
    private let root: TemporaryDirectory

    init() throws {
        root = try TemporaryDirectory()
        chmod(root.path, 0o755)
        for directory in ["stubs", "etc/maintain-teams", "var/backups", "usr/share/doc"] {
            try FileManager.default.createDirectory(
                atPath: root.file(directory), withIntermediateDirectories: true)
        }
        // nobody is the user maintain-teams; sudo and install know the difference.
        try root.writeProgram(
            """
            [ "$1" = -u ] || exec "$@"
            shift 2
            exec setpriv --reuid 65534 --regid www-data --clear-groups "$@"
            """, to: "stubs/sudo")
        try root.writeProgram(
            #"""
            for word; do shift; [ "$word" != maintain-teams ] || word=65534; set -- "$@" "$word"; done
            exec /usr/bin/install "$@"
            """#, to: "stubs/install")
        try root.writeProgram(
            #"case $1 in *client-secret) printf 'sandbox-secret\n' >"$1" ;; esac"#,
            to: "stubs/sudoedit")
    }

    /// The shell commands of a section of the page, at their places below the directory.
    private func commands(of section: String) throws -> [String] {
        let page = try Project.text("docs/operations.md")
        let start = try #require(page.range(of: "\n## \(section)\n"))
        let body = page[start.upperBound...]
        let end = body.range(of: "\n## ")?.lowerBound ?? body.endIndex
        return body[..<end].split(separator: "```").map(String.init)
            .filter { $0.hasPrefix("sh\n") }
            .map { block in
                ["/etc/", "/var/", "/usr/share/doc/maintain-teams/examples/"].reduce(
                    String(block.dropFirst(3))
                ) { text, place in
                    text.replacing(" \(place)", with: " \(root.path)\(place)")
                        .replacing("backup \(place)", with: "backup \(root.path)\(place)")
                }
            }
    }

    private func run(_ script: String) async throws -> ProgramResult {
        let shell = ProgramRunner(
            path: "/bin/sh",
            environment: [
                "PATH": "\(root.path)/stubs:\(Project.products):/usr/sbin:/usr/bin:/sbin:/bin",
                "TEAMS_CONFIG": root.file("etc/maintain-teams/config.env"),
            ])
        return try await shell.run("-euc", script)
    }

    @Test(
        .enabled(
            if: ProgramRunner.canBecomeNobody,
            "needs root, and a build directory that all may enter"))
    func `what README has set up can be configured, backed up and restored`() async throws {
        let database = root.file("var/lib/maintain-teams/teams.sqlite3")
        let examples = root.file("usr/share/doc/maintain-teams/examples")
        let set = try await run(
            """
            sudo install -d -m 2770 -o maintain-teams -g www-data \(root.path)/var/lib/maintain-teams
            mkdir -p \(examples)
            cat >\(examples)/config.env.example <<'END'
            TEAMS_CLIENT_ID=client
            TEAMS_CLIENT_SECRET_FILE=\(root.file("etc/maintain-teams/client-secret"))
            TEAMS_DATABASE=\(database)
            END
            """)
        #expect(set.exitCode == 0, "\(set)")
        for block in try commands(of: "Configure").prefix(1) {
            let result = try await run(block)
            #expect(result.exitCode == 0, "\(result)")
        }
        let made = try await run(
            "sudo -u maintain-teams teams-token init; sudo chmod 0660 \(database)")
        #expect(made.exitCode == 0, "\(made)")

        let blocks = try commands(of: "Back up, restore, move")
        #expect(blocks.count == 2)
        let backup = try await run(blocks[0])
        #expect(backup.exitCode == 0, "\(backup)")
        try FileManager.default.removeItem(atPath: database)
        let restored = try await run(blocks[1])
        #expect(restored.exitCode == 0, "\(restored)")
        let application = try await run(
            """
            exec setpriv --reuid www-data --regid www-data --clear-groups \\
                sqlite3 \(database) "DELETE FROM oauth_tokens"
            """)
        #expect(application.exitCode == 0, "\(application)")
    }
}
