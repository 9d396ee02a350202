// `fuzz TARGET [libFuzzer options] [corpus]…`: coverage-guided search for bytes that break an invariant.
// Built by `make sanitize` only, with coverage and AddressSanitizer.

import CFuzzer
import Glibc
import TestSupport

@main
struct Fuzz {
    nonisolated(unsafe) private static var target = FuzzTarget.tokenResponse

    static func main() {
        var arguments = CommandLine.arguments
        guard arguments.count > 1, let target = FuzzTarget(rawValue: arguments.remove(at: 1)) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
            say("usage: fuzz \(names) [libFuzzer options] [corpus]...")
            exit(64)
        }
        Self.target = target
        var count = Int32(arguments.count)
        // libFuzzer keeps the words for the life of the process.
        let words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: arguments.count + 1)
        for (index, argument) in arguments.enumerated() { words[index] = strdup(argument) }
        words[arguments.count] = nil
        var list = words
        exit(
            LLVMFuzzerRunDriver(&count, &list) { bytes, size in
                let input = Array(UnsafeBufferPointer(start: bytes, count: size))
                if let violation = Fuzz.target.violation(input) {
                    Fuzz.say("\(Fuzz.target.rawValue): \(violation)")
                    abort()
                }
                return 0
            })
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
