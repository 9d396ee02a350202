/// Replays what the fuzzer started from and what it has found: a finding that was mended stays mended.

import Foundation
import TestSupport
import Testing

struct CorpusTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fuzzing/Corpus").standardizedFileURL

    @Test(arguments: FuzzTarget.allCases)
    func `no input of the corpus breaks an invariant`(_ target: FuzzTarget) throws {
        let folder = Self.corpus.appending(path: target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty)
        for file in files {
            let violation = target.violation(Array(try Data(contentsOf: file)))
            #expect(violation == nil, "\(file.lastPathComponent)")
        }
    }
}
