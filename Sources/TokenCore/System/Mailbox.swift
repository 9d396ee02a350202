/// Where many threads leave messages for one reader, who picks up all that has come at once: a task for
/// each message would cost more than most messages do.

internal import Synchronization

final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var reader: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    func post(_ message: Message) {
        let reader = state.withLock { state in
            state.messages.append(message)
            return state.reader.take()
        }
        reader?.resume()
    }

    /// All that has come since the last call, in the order of arrival; waits for the first. One reader at
    /// a time.
    func next() async -> [Message] {
        await withCheckedContinuation { reader in
            let hasMail = state.withLock { state in
                if state.messages.isEmpty { state.reader = reader }
                return !state.messages.isEmpty
            }
            if hasMail { reader.resume() }
        }
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}
