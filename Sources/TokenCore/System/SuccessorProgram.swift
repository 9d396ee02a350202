/// A program that takes the place of this process: same process id, terminal, signals and descriptors, and
/// its exit status is ours without anybody in between.

internal import CLinux
internal import Glibc

public struct SuccessorProgram: Sendable {
    private let wordCount: Int
    private let inheritedDescriptors: Set<Int32>

    /// The program and its arguments are the last words of our own command line, to the byte.
    /// Called before anything is opened: what is open now is the program's to have.
    /// - Parameter wordCount: At least 1.
    public init(lastWords wordCount: Int) {
        precondition((1..<Int(CommandLine.argc)).contains(wordCount), "more words than were given")
        self.wordCount = wordCount
        inheritedDescriptors = Self.openDescriptors()
    }

    /// The program's name as it was given.
    var name: String { words.first.flatMap { $0 }.map { String(cString: $0) } ?? "" }

    /// Becomes the program, found as a shell would find it.
    /// - Parameters:
    ///   - removed: Names of variables that it does not get.
    ///   - added: Variables that it gets beside ours.
    ///   - signals: One that has come already is left for the caller to die by.
    /// - Returns: Why not; nil when a signal came first.
    func takeOver(
        without removed: Set<String>, adding added: [String: String], _ signals: TerminationSignals
    ) -> SystemError? {
        let name = name
        var words = words + [nil]
        var variables = Self.environment(without: removed.union(added.keys))
        variables += added.map { strdup("\($0.key)=\($0.value)") } + [nil]
        for descriptor in Self.openDescriptors().subtracting(inheritedDescriptors) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        ProcessSetup.inherited.restore()
        if signals.received != nil { return nil }
        clinux_execvpe(name, &words, &variables)
        return .last("run \(name)")
    }

    private var words: [UnsafeMutablePointer<CChar>?] {
        let first = Int(CommandLine.argc) - wordCount
        return (first..<Int(CommandLine.argc)).map { CommandLine.unsafeArgv[$0] }
    }

    /// The variables as they were handed over, whatever their encoding.
    private static func environment(
        without names: Set<String>
    ) -> [UnsafeMutablePointer<CChar>?] {
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var entry = environ
        while let text = entry.pointee {
            let name = String(cString: text).prefix { $0 != "=" }
            if !names.contains(String(name)) { variables.append(text) }
            entry += 1
        }
        return variables
    }

    /// Empty where /proc is not mounted.
    private static func openDescriptors() -> Set<Int32> {
        guard let directory = opendir("/proc/self/fd") else { return [] }
        defer { closedir(directory) }
        var numbers: Set<Int32> = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int32(name), number > STDERR_FILENO, number != dirfd(directory) {
                numbers.insert(number)
            }
        }
        return numbers
    }
}
