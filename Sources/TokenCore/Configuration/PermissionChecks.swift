/// Files that are open to others: secrets that the world can read, and what anybody but the owner can
/// change. Group reading is the usual way to share with the application, and is accepted.

public enum PermissionChecks {
    /// A file whose mode is too open, with the command that mends it.
    public struct Finding: Equatable, Sendable {
        public let path: String
        /// What is wrong; after a semicolon the command that mends it.
        public let message: String
        /// Only to be mentioned: the mode hardly matters where the file is.
        public let isWarning: Bool
    }

    /// A file that holds a secret: nobody but its owner may write it, the world may not read it.
    ///
    /// Only a warning where a directory above is closed to others or the mount is read-only:
    /// container secrets are 0444 or 0644 by default.
    ///
    /// - Parameter what: What the file is, for example `secret file`.
    /// - Returns: `nil` for a file that is safe, missing or out of reach.
    public static func secretProblem(_ path: String, what: String = "secret file") -> Finding? {
        guard let status = status(of: path) else { return nil }
        var faults: [String] = []
        if status.worldCanRead { faults.append("the world can read it") }
        if status.othersCanWrite { faults.append("others can write it") }
        return finding(
            path, status, what, faults, without: 0o027, isWarning: status.isSheltered,
            takesOver: true)
    }

    /// A program that we run, or a file that names one: nobody but its owner may write it.
    public static func programProblem(_ path: String, what: String = "hook") -> Finding? {
        guard let status = status(of: path) else { return nil }
        let faults = status.othersCanWrite ? ["others can write it"] : []
        return finding(path, status, what, faults, without: 0o022, isWarning: false)
    }

    /// The database: a problem when the world can write it, a warning when the world can read it.
    public static func databaseProblem(_ path: String) -> Finding? {
        guard let status = status(of: path) else { return nil }
        var faults: [String] = []
        if status.worldCanRead { faults.append("the world can read it") }
        if status.worldCanWrite { faults.append("the world can write it") }
        return finding(
            path, status, "database", faults, without: 0o007,
            isWarning: !status.worldCanWrite || status.isSheltered)
    }

    private static func finding(
        _ path: String, _ status: FileStatus, _ what: String, _ faults: [String],
        without bits: UInt32, isWarning: Bool, takesOver: Bool = false
    ) -> Finding? {
        guard !faults.isEmpty else { return nil }
        let mode = String(status.permissions & ~bits, radix: 8)
        let remedy = takesOver ? FileUser.current.command(takingOver: status) : nil
        let message =
            "\(what) has mode 0\(String(status.permissions, radix: 8)), "
            + "\(faults.joined(separator: " and ")); "
            + (remedy ?? "chmod 0\(mode) \(path.shellQuoted)")
        return Finding(path: path, message: message, isWarning: isWarning)
    }

    /// Where the file really is: container secrets are links, and the shelter is that of the target.
    private static func status(of path: String) -> FileStatus? {
        guard let real = try? FilePaths.real(path), let status = try? FileStatus(path: real)
        else { return nil }
        // A directory by mistake, /tmp for example: the advice to chmod it would do harm.
        return status.isRegular ? status : nil
    }
}
