/// Who this process is to the files it opens, and the command that lets it in where it may not.

internal import Glibc

struct FileUser: Sendable {
    /// The effective user.
    let user: UInt32
    /// The group first that its new files get.
    let groups: [UInt32]

    static var current: FileUser {
        var supplementary = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = getgroups(Int32(supplementary.count), &supplementary)
        return FileUser(
            user: geteuid(), groups: [getegid()] + supplementary.prefix(max(0, Int(count))))
    }

    /// Shares a file with this user and takes it from nobody.
    /// - Parameter rights: As chmod(1) takes them: `rw`, for a directory `rwxs`.
    func command(sharing file: FileStatus, _ rights: String) -> String {
        let path = file.path.shellQuoted
        if file.owner == user { return "chmod u+\(rights.filter { $0 != "s" }) \(path)" }
        if groups.contains(file.group) { return "chmod g+\(rights) \(path)" }
        // A group that may write already is the one that shares it; root's shares with nobody.
        if file.group != 0, file.permissions & 0o020 != 0 {
            return "usermod -aG \(GroupName.of(file.group).shellQuoted) "
                + UserName.of(user).shellQuoted
        }
        return "chgrp \(GroupName.of(groups[0]).shellQuoted) \(path) && chmod g+\(rights) \(path)"
    }

    /// Gives this user a file of root's that must be closed to the world, in one step: closed first, it would
    /// be out of reach.
    /// - Returns: nil where the file needs no other owner, or has one who may be the job's.
    func command(takingOver file: FileStatus) -> String? {
        guard user != 0, file.owner == 0, !groups.contains(file.group) else { return nil }
        let path = file.path.shellQuoted
        let mode = String(0o600 | file.permissions & 0o040, radix: 8)
        return "chown \(UserName.of(user).shellQuoted) \(path) && chmod 0\(mode) \(path)"
    }
}
