/// `teams-token init`

extension AdminProgram {
    /// Creates the database where there is none.
    public func initialize() async -> ExitStatus {
        await run { configuration throws(RunFailure) in
            let creation: DatabaseCreation
            do throws(StoreError) {
                creation = try DatabaseCreation.run(
                    at: configuration.databasePath, busyTimeout: .seconds(20))
            } catch {
                throw RunFailure(error)
            }
            if let warning = try DatabasePlace.judge(creation.path) { warn(warning) }
            console.out(invocation.json ? creation.json.line : creation.sentence)
            return .ok
        }
    }
}

extension DatabaseCreation {
    fileprivate var sentence: String {
        let path = path.sanitized()
        return switch (createdFile, createdTable) {
        case (true, _): "created \(path) with the table oauth_tokens"
        case (false, true): "created the table oauth_tokens in \(path)"
        case (false, false): "\(path) has the table oauth_tokens already: nothing was changed"
        }
    }

    fileprivate var json: JSON {
        .members([
            ("database", .string(path)), ("created_file", .bool(createdFile)),
            ("created_table", .bool(createdTable)), ("journal_mode", .string(journalMode)),
        ])
    }
}
