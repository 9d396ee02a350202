/// `teams-token show`: everything that is known of a connection, except its tokens.

internal import FoundationEssentials

extension AdminProgram {
    public func show(_ users: [String]) async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let store = try openForReading(configuration)
            let now = clock.now()
            let remedies = Remedies(
                authority: configuration.authorityHost, configFile: configuration.file)
            var texts: [ConnectionDetailsText] = []
            for connection in try await connections(of: users, in: store, at: now) {
                guard
                    let details = try await storeFailure({ try await store.details(of: connection) }
                    )
                else { continue }
                texts.append(
                    ConnectionDetailsText(
                        ConnectionText(connection, margin: configuration.refreshBefore, at: now),
                        details, remedies))
            }
            if invocation.json {
                console.out(JSON.members([("connections", .array(texts.map(\.json)))]).line)
            } else {
                let (style, width) = (console.style, console.wrapColumns)
                console.out(
                    texts.map { $0.lines(style: style, width: width).joined(separator: "\n") }
                        .joined(separator: "\n\n"))
            }
            return .ok
        }
    }
}
