/// The name of a user of this machine.

internal import Glibc

enum UserName {
    /// - Returns: The number where nobody has it as a name.
    static func of(_ identifier: UInt32) -> String {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        guard getpwuid_r(identifier, &entry, &buffer, buffer.count, &found) == 0,
            found != nil, let name = entry.pw_name
        else { return String(identifier) }
        return String(cString: name)
    }
}
