/// Some users of a database, for somebody who is typing one: read without any of the rest, and without
/// waiting for another program.

enum KnownUsers {
    /// - Throws: ``SQLiteError``.
    static func some(
        in path: String, provider: String, beginningWith prefix: String, limit: Int
    ) throws -> [UserID] {
        let database = try Database(path: path, mode: .readOnly, busyTimeout: .milliseconds(100))
        let statement = try database.prepare(
            """
            SELECT user_id FROM oauth_tokens
            WHERE provider = ?1 AND substr(user_id, 1, length(?2)) = ?2
            ORDER BY user_id LIMIT ?3
            """
        ).bind(.text(provider), .text(prefix), .integer(Int64(limit)))
        var users: [UserID] = []
        while try statement.step() {
            if let userID = UserID(statement.value(0)) { users.append(userID) }
        }
        return users
    }
}
