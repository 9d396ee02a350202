import Foundation
import Glibc

/// A program of the system, run to its end by posix_spawn(3). Foundation's `Process` reads past the end of a
/// buffer when it looks for open files, and has crashed by it.
enum SystemCommand {
    /// - Parameters:
    ///   - words: The program, looked up in PATH, and its arguments.
    ///   - complaints: A file that takes what it writes to stderr.
    /// - Returns: Its exit status; -1 after a signal.
    static func run(_ words: [String], complaints: String) async throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, nil, arguments, environ)
        guard code == 0 else {
            throw SandboxError("\(words[0]): \(String(cString: strerror(code)))")
        }
        return await withCheckedContinuation { [child] continuation in
            // waitpid(2) blocks, and the threads of concurrent tasks must not.
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status & 0x7F == 0 ? status >> 8 & 0xFF : -1)
            }
        }
    }
}
