/// A directory of a test's own, 0700, gone with its owner.

internal import FoundationEssentials

public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    public func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name))
    }

    /// The bytes of a file; nil when there is none.
    public func contents(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: file(name)).map(Array.init)
    }

    /// Writes a text file, 0600.
    public func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file(name))
    }

    /// Writes a shell script that can be run, 0700. A child process writes it: a script that some process
    /// still has open for writing can't be run (ETXTBSY), and what a test opens here a program that
    /// another test starts meanwhile inherits.
    /// - Returns: Its path.
    @discardableResult
    public func writeProgram(_ script: String, to name: String) throws -> String {
        let command = "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$2\" && chmod 0700 \"$2\""
        try ChildProcess(["/bin/sh", "-c", command, "sh", script, file(name)]).wait()
        return file(name)
    }
}
