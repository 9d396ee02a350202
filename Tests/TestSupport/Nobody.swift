/// Programs run as the user nobody, who owns nothing.

internal import Foundation

extension ProgramRunner {
    /// Runs the program as nobody, of group nobody.
    public mutating func becomeNobody() { launcher = Self.setpriv }

    /// Whether programs of other users can be started here, and reach what was built.
    public static let canBecomeNobody =
        geteuid() == 0 && (try? ChildProcess(setpriv + ["ls", Project.products]).wait()) == 0

    private static let setpriv = [
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
    ]
}
