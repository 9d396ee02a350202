/// Text that was reviewed once and must not change unseen. `RECORD_SNAPSHOTS=1` writes what the program
/// prints now; the difference is then reviewed like code.

internal import Foundation
public import Testing

public enum Snapshot {
    /// Compares a text with `Snapshots/NAME.txt` beside the test.
    /// - Parameter replacing: What differs from run to run, and what stands for it.
    public static func expect(
        _ text: String, is name: String, replacing: [(String, with: String)] = [],
        file: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = URL(filePath: file).deletingLastPathComponent()
            .appending(path: "Snapshots/\(name).txt")
        var stable = text
        for (volatile, word) in replacing {
            stable = stable.replacingOccurrences(of: volatile, with: word)
        }
        guard ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != "1" else {
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(stable.utf8).write(to: path)
            return
        }
        let recorded = try? String(contentsOf: path, encoding: .utf8)
        #expect(
            stable == recorded, "differs from \(name).txt; RECORD_SNAPSHOTS=1 records it anew",
            sourceLocation: sourceLocation)
    }
}
