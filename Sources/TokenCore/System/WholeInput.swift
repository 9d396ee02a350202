/// A file or a pipe, read to its end.

internal import Glibc

enum WholeInput {
    /// - Parameter path: nil is standard input.
    /// - Throws: ``SystemError``.
    static func read(_ path: String?) throws(SystemError) -> [UInt8] {
        guard let path else { return try read(STDIN_FILENO, "standard input") }
        let file = try FileDescriptor(path: path, flags: O_RDONLY)
        return try read(file.number, path)
    }

    private static func read(_ number: Int32, _ name: String) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last("read \(name)") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
