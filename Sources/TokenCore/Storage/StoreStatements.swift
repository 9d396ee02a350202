/// The statements that run once per connection, compiled once per run.

struct StoreStatements {
    let due: DueStatements
    let load: Statement
    let tokenRow: Statement
    let update: Statement
    let state: Statement
    let putState: Statement
    let putRefreshed: Statement
    let rowOfUser: Statement

    init(_ database: Database, table: OAuthTable) throws(SQLiteError) {
        due = try DueStatements(database, table: table)
        load = try database.prepare(
            """
            SELECT user_id, refresh_token, expires_at FROM oauth_tokens
            WHERE rowid = ?1 AND provider = ?2
            """)
        let updatedAt = table.hasUpdatedAt ? "updated_at" : "NULL"
        tokenRow = try database.prepare(
            text: """
                SELECT refresh_token, expires_at, \(updatedAt) FROM oauth_tokens
                WHERE rowid = ?1 AND provider = ?2 AND user_id = ?3
                """)
        var assignments = [
            "access_token = ?1", "refresh_token = coalesce(?2, refresh_token)", "expires_at = ?3",
        ]
        if table.hasTokenType { assignments.append("token_type = coalesce(?4, token_type)") }
        if table.hasScope { assignments.append("scope = coalesce(scope, ?5)") }
        if table.hasUpdatedAt { assignments.append("updated_at = ?6") }
        // Every parameter is named, so that those of absent columns can be bound all the same.
        update = try database.prepare(
            text: """
                UPDATE oauth_tokens SET \(assignments.joined(separator: ", "))
                WHERE rowid = ?7 AND refresh_token = ?8
                """)
        state = try database.prepare(
            """
            SELECT verdict, failures, failing_since, last_refreshed_at, next_attempt_at,
                   fingerprint, refusal, last_attempt_at
            FROM maintain_teams_connections WHERE provider = ?1 AND user_id = ?2
            """)
        putState = try database.prepare(
            """
            INSERT INTO maintain_teams_connections
              (provider, user_id, verdict, failures, failing_since, last_attempt_at,
               next_attempt_at, fingerprint, refusal)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (provider, user_id) DO UPDATE SET
              verdict = excluded.verdict, failures = excluded.failures,
              failing_since = excluded.failing_since, last_attempt_at = excluded.last_attempt_at,
              next_attempt_at = excluded.next_attempt_at, fingerprint = excluded.fingerprint,
              refusal = excluded.refusal
            """)
        putRefreshed = try database.prepare(
            """
            INSERT INTO maintain_teams_connections
              (provider, user_id, verdict, failures, last_attempt_at, last_refreshed_at)
            VALUES (?1, ?2, 'refreshed', 0, ?3, ?3)
            ON CONFLICT (provider, user_id) DO UPDATE SET
              verdict = 'refreshed', failures = 0, failing_since = NULL, last_attempt_at = ?3,
              last_refreshed_at = ?3, next_attempt_at = NULL, fingerprint = NULL, refusal = NULL
            """)
        rowOfUser = try database.prepare(
            """
            SELECT rowid, expires_at FROM oauth_tokens
            WHERE user_id = ?1 AND provider = ?2 AND typeof(user_id) = ?3
            """)
    }
}
