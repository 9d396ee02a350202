/// SIGINT, SIGTERM and SIGHUP: the first asks the pass to finish what is in flight, the second ends
/// the process at once. Either way the process dies by the signal, as its parent expects.

internal import Glibc
internal import Synchronization

public struct TerminationSignals: Sendable {
    /// Yields the first signal, once.
    public let first: AsyncStream<Int32>
    private let last = LastSignal()

    /// The first signal, if it has come.
    public var received: Int32? {
        let number = last.number.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    private final class LastSignal: Sendable {
        let number = Atomic<Int32>(0)
    }

    /// Blocks the signals in this thread and all that it starts, and waits for them on a thread of
    /// their own. Signals that were ignored at the start (nohup) stay ignored.
    public init() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        first = stream
        let waited = set
        let last = last
        Thread.start(named: "signals") {
            var waited = waited
            var number: Int32 = 0
            guard sigwait(&waited, &number) == 0 else { return }
            last.number.store(number, ordering: .relaxed)
            continuation.yield(number)
            continuation.finish()
            guard sigwait(&waited, &number) == 0 else { return }
            Self.die(by: number)
        }
    }

    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ends the process by the signal, as if it had never been caught.
    public static func die(by number: Int32) -> Never {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        // To this thread: a signal to the process may be taken by the thread that waits for the second.
        raise(number)
        // Only a signal that the kernel would not deliver gets here.
        _exit(128 + number)
    }
}
