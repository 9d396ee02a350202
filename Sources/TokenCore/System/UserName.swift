/// The names of users and groups of this machine; the number where there is none.

internal import Glibc

enum UserName {
    static func of(_ identifier: UInt32) -> String {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        guard getpwuid_r(identifier, &entry, &buffer, buffer.count, &found) == 0,
            found != nil, let name = entry.pw_name
        else { return String(identifier) }
        return String(cString: name)
    }

    static func exists(_ name: String) -> Bool {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 1 << 14)
        return getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0 && found != nil
    }
}

enum GroupName {
    static func of(_ identifier: UInt32) -> String {
        var (entry, found) = (group(), UnsafeMutablePointer<group>?.none)
        // The members of a group stand in the buffer too.
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        guard getgrgid_r(identifier, &entry, &buffer, buffer.count, &found) == 0,
            found != nil, let name = entry.gr_name
        else { return String(identifier) }
        return String(cString: name)
    }
}
