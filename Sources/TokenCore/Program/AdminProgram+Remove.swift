/// `teams-token remove`: rows and all that is remembered of them, after a question.

internal import FoundationEssentials
internal import Glibc

extension AdminProgram {
    /// - Parameter isConfirmed: Whether the question was answered beforehand.
    public func remove(_ users: [String], isConfirmed: Bool) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let place = try database(configuration)
            let reading = try openForReading(configuration, place)
            let connections = try await connections(of: users, in: reading, at: clock.now())
            let found = connections.compactMap { row in
                row.userID.map { ConnectionID(userID: $0, provider: row.provider) }
            }
            if !isConfirmed { try confirm(found) }
            let store = try openForWriting(configuration, place)
            let removal = try await storeFailure { try await store.remove(found) }
            let spool = Spool.path(forDatabase: place.path, directory: configuration.spoolDirectory)
            let isSpooled = try await storeFailure {
                try Spool.leftovers(at: spool).contains { found.contains($0.connection) }
            }
            tell(
                RemovalText(
                    removal: removal, isSpooled: isSpooled,
                    lifetime: connections.compactMap(\.expiresAt).max()?.timeIntervalSince(
                        clock.now())))
            return .ok
        }
    }

    private func confirm(_ connections: [ConnectionID]) throws(RunFailure) {
        let names = connections.names
        guard isatty(STDIN_FILENO) == 1, console.errorIsTerminal else {
            throw RunFailure(
                .usage, "without a terminal nobody can confirm the removal of \(names)",
                hint: "--yes confirms it beforehand")
        }
        console.ask("Remove \(names)? [y/N] ")
        let line = readLine()
        // The end of the input leaves the cursor behind the question.
        if line == nil { console.ask("\n") }
        let answer = line?.trimmed.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw RunFailure(.usage, "not confirmed: nothing was removed")
        }
    }

}

/// What a removal came to, in words.
private struct RemovalText: CommandAnswer {
    let removal: TokenStore.Removal
    /// Whether a run that died has left an answer for one of them.
    let isSpooled: Bool
    /// Seconds for which the longest-lived access token still works.
    let lifetime: Double?

    /// RFC 7009 is not offered, so what was copied lives on.
    var lines: [String] {
        let live = lifetime.flatMap { $0 > 0 ? $0 : nil }
        return [
            removal.removed.isEmpty
                ? "they were gone already" : "removed \(removal.removed.names)",
            "Microsoft can't revoke one token.",
            live.map {
                "A copied access token works for another \(RelativeTime.words(seconds: $0))."
            },
            "A copied refresh token works for up to 90 days.",
            "To end them: an admin revokes the user's sessions (Entra admin center),",
            "or the user withdraws consent at https://myapps.microsoft.com",
        ].compactMap(\.self)
    }

    var warnings: [String] {
        var warnings: [String] = []
        if removal.logKeepsTokens {
            warnings.append(
                "another program is reading the database, so its write-ahead log still holds the tokens; they are gone once `sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)'` says 0|0|0"
            )
        }
        if isSpooled {
            warnings.append(
                "an answer for one of them waits in the spool; the next pass finds the row gone and drops it"
            )
        }
        return warnings
    }

    var json: JSON {
        .members([
            (
                "removed",
                .array(
                    removal.removed.map {
                        .members([
                            ("user_id", .user($0.userID)), ("provider", .string($0.provider)),
                        ])
                    })
            ),
            ("warnings", .array(warnings.map { .string($0) })),
        ])
    }
}

extension [ConnectionID] {
    private static let longestList = 20

    fileprivate var names: String {
        let shown = prefix(Self.longestList).map { $0.userID.description.sanitized(limit: 64) }
        let rest = count - Self.longestList
        let list = shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        return count == 1 ? "the connection of user \(list)" : "the connections of users \(list)"
    }
}
