/// The end of a run: by its status, or by the signal that asked for it.

internal import Glibc

extension ProcessSetup {
    /// Runs a program to its end. The main thread only waits: an asynchronous `main` would hand it to
    /// Dispatch, which unblocks all signals there, and then nothing could catch them.
    public static func run(_ program: @escaping @Sendable () async -> ExitStatus) -> Never {
        Task.detached { exit(await program()) }
        while true { pause() }
    }

    public static func exit(_ status: ExitStatus) -> Never {
        if let number = status.signal { TerminationSignals.die(by: number) }
        // Not exit(3): it takes OpenSSL apart, with which the transfers' thread may be closing connections.
        fflush(nil)
        _exit(status.code)
    }
}
