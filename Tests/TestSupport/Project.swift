/// The files of the project itself, which the tests keep true.

internal import Foundation

public enum Project {
    /// The directory that holds Package.swift.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardized.path

    /// - Parameter path: From the root.
    public static func path(_ path: String) -> String { "\(root)/\(path)" }

    public static func text(_ path: String) throws -> String {
        try String(contentsOfFile: Self.path(path), encoding: .utf8)
    }

    /// Where the tests and the programs they run were built.
    public static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path
}
