/// The end of a run: by its status, or by the signal that asked for it.

internal import Glibc

extension ProcessSetup {
    public static func exit(_ status: ExitStatus) -> Never {
        if let number = status.signal { TerminationSignals.die(by: number) }
        Glibc.exit(status.code)
    }
}
