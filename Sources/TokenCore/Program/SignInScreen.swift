/// What a person sees while a device code waits for them: the page and the code, then a countdown in place
/// on a terminal, or one line elsewhere. Whoever reads JSON gets it on stderr.

internal import FoundationEssentials
internal import Synchronization

final class SignInScreen: Sendable {
    private let console: Console
    private let user: String
    private let program: String
    private let linesGoToError: Bool
    private let isClosed = Mutex(false)

    init(console: Console, user: String, program: String, linesGoToError: Bool) {
        self.console = console
        self.user = user.sanitized(limit: 64)
        self.program = program
        self.linesGoToError = linesGoToError
    }

    func show(_ event: DeviceSignIn.Event) {
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            switch event {
            case .code(let authorization): show(authorization)
            case .waiting(let left): console.showProgress(Self.countdown(left))
            case .trouble(let message):
                console.error(
                    "\(program): warning: \(message); asking again until the code expires", .warning
                )
            }
        }
    }

    /// Takes the countdown away; nothing is shown any more.
    func close() {
        isClosed.withLock { $0 = true }
        console.clearProgress()
    }

    private func show(_ authorization: DeviceAuthorization) {
        line("To sign user \(user) in, open this page:")
        line("  \(authorization.verificationURI.sanitized(limit: 200))")
        line("and enter this code:")
        line("  \(authorization.userCode.sanitized(limit: 64))")
        if !console.errorIsTerminal {
            let words = RelativeTime.words(seconds: authorization.lifetime.seconds)
            line("waiting for the sign-in; the code expires in \(words)")
        }
    }

    private func line(_ text: String) {
        if linesGoToError { console.error(text, .notice) } else { console.out(text) }
    }

    static func countdown(_ left: Duration) -> String {
        let seconds = Int(max(left, .zero).seconds.rounded(.up))
        let rest = seconds % 60
        return "waiting; the code expires in \(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}
