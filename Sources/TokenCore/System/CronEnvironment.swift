/// What cron gives its children, for whoever wants to see a program as cron starts it: four variables
/// (crontab(5)), and no directory that a relative path could mean.

internal import Glibc

public enum CronEnvironment {
    /// Variables of our own and of libcurl's that cron would not hand over.
    public static func missing(from environment: [String: String]) -> [String] {
        environment.keys.filter { name in
            name.hasPrefix("TEAMS_") || name.lowercased().hasSuffix("_proxy")
                || ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "CREDENTIALS_DIRECTORY"].contains(name)
        }.sorted()
    }

    /// Makes it that of this process. Called before any thread is started.
    /// - Returns: The variables that there are now.
    public static func adopt() -> [String: String] {
        var variables = ["SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "HOME": "/"]
        if let user = getpwuid(geteuid()) {
            variables["HOME"] = String(cString: user.pointee.pw_dir)
            variables["LOGNAME"] = String(cString: user.pointee.pw_name)
        }
        clearenv()
        variables.forEach { setenv($0.key, $0.value, 1) }
        chdir("/")
        return variables
    }
}
