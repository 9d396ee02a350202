/// What cron gives its children, for whoever wants to see a program as cron starts it: four variables
/// (crontab(5)), and no directory that a relative path could mean.

internal import Glibc

public enum CronEnvironment {
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
