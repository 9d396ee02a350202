/// Names of the zones that the C library knows: `UTC`, or a compiled file below the zone directory.

enum TimeZoneName {
    /// Where glibc looks, unless `$TZDIR` says otherwise.
    static let systemDirectory = "/usr/share/zoneinfo"

    static func check(
        _ value: String, directory: String = systemDirectory
    ) throws(Complaint) -> String {
        if value == "UTC" { return value }
        guard value.utf8.allSatisfy(isNameByte), !value.hasPrefix("/"), !value.hasSuffix("/") else {
            throw Complaint(value, "is not a time zone; write it as Europe/Berlin or UTC")
        }
        if let bytes = try? FilePaths.contents(of: "\(directory)/\(value)"),
            bytes.starts(with: Array("TZif".utf8))
        {
            return value
        }
        guard FilePaths.exists(directory) else {
            throw Complaint(
                value,
                "needs \(directory.sanitized()), which is missing; install tzdata or use UTC")
        }
        throw Complaint(
            value,
            "is not in \(directory.sanitized()); timedatectl list-timezones knows the names")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "_+-/".utf8.contains(byte)
    }
}
