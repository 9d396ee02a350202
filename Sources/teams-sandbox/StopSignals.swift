import Dispatch
import Glibc

/// SIGINT and SIGTERM as something to await: the sandbox ends by returning, not by dying.
final class StopSignals {
    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    /// From here on the signals no longer end the process.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Returns at the first signal, also one that came before.
    func first() async {
        for await _ in stream { return }
    }
}
