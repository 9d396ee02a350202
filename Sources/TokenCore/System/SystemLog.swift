/// The system's log, syslog(3), which journald and the syslog daemons read. Without one of them nothing
/// is written and nobody is told.

internal import CLinux

enum SystemLog {
    /// - Parameters:
    ///   - line: Without a line end, safe to print.
    ///   - program: Who says it; the log keeps a pointer to it.
    static func notice(_ line: String, program: StaticString) {
        program.withUTF8Buffer { name in
            name.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return }
                clinux_log_notice(start, line)
            }
        }
    }
}
