/// What a run needs before its pass: the lock, the named users, the log. The first of these
/// that fails ends the run.

internal import FoundationEssentials
internal import Glibc
internal import Logging

extension PassProgram {
    /// - Returns: nil when there is nothing left to take it for.
    func takeLock(
        _ path: String, _ databaseStatus: FileStatus, _ configuration: Configuration
    ) async throws(RunFailure) -> FileLock? {
        let deadline = clock.uptime() + configuration.lockWait
        let holder =
            "\(invocation.program), pid \(getpid()), since \(clock.now().rfc3339), run \(runID)"
        while true {
            let acquisition: FileLock.Acquisition
            do throws(SystemError) {
                acquisition = try FileLock.acquire(
                    FileLock.path(forDatabase: path), like: databaseStatus, holder: holder)
            } catch {
                throw RunFailure(StoreError(error))
            }
            switch acquisition {
            case .acquired(let lock):
                if await isStillNeeded() { return lock }
                lock.release()
                return nil
            case .held(let words):
                if let number = signals.received {
                    throw RunFailure(
                        .interrupted(number), "stopped by a signal while waiting for another pass")
                }
                guard clock.uptime() < deadline else {
                    throw RunFailure(busy: words, FileLock.path(forDatabase: path))
                }
                try? await clock.sleep(.milliseconds(100))
                guard await isStillNeeded() else { return nil }
            }
        }
    }

    func namedRows(in store: TokenStore) async throws(RunFailure) -> [SelectedRow]? {
        guard !invocation.users.isEmpty else { return nil }
        var rows: [SelectedRow] = []
        for user in Set(invocation.users).sorted() {
            let found: [SelectedRow]
            let unknown: RunFailure?
            do throws(StoreError) {
                found = try await store.rows(ofUser: user, at: clock.now())
                unknown =
                    found.isEmpty ? try await RunFailure.unknownUser(user, in: store) : nil
            } catch {
                throw RunFailure(error)
            }
            if let unknown { throw unknown }
            rows += found
        }
        return rows
    }

    func openLog(_ configuration: Configuration) -> (PassLog?, warning: String?) {
        do throws(SystemError) {
            guard let handler = try configuration.logHandler() else { return (nil, nil) }
            var logger = Logger(label: invocation.program) { _ in handler }
            logger[metadataKey: "run_id"] = "\(runID)"
            return (PassLog(logger), nil)
        } catch {
            // Tokens are worth more than lines about them.
            return (nil, "no log is written: \(error)")
        }
    }
}

extension RunFailure {
    /// - Parameter words: What the lock says of its holder. A program that takes it without a word leaves there
    ///   what an earlier pass wrote.
    init(busy words: String, _ lock: String) {
        let isGone = FileLock.isRunning(words) == false
        guard !isGone, !words.isEmpty else {
            let former = isGone ? "; the last one that did, \(words), does not run here" : ""
            self.init(
                .busy, "a process that did not write its name holds the lock\(former)",
                hint:
                    "see who it is with `fuser -v \(lock.shellQuoted)`; where that shows nobody, look "
                    + "in the containers that share the file")
            return
        }
        self.init(
            .busy, "another pass holds the lock (\(words))", hint: Self.waitingHint)
    }

    static let waitingHint =
        "it ends by itself within its time budget; wait for it with --lock-wait 30s"
}
