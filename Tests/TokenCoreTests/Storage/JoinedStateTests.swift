/// What is remembered of a row is found by the key, in tables of a million as in small ones.

import TestSupport
import Testing

@testable import TokenCore

@Suite struct JoinedStateTests {
    @Test(arguments: ["", "INTEGER", "TEXT", "VARCHAR(36)", "NUMERIC"])
    func `a row's state is found by its key, and 4 is not '4'`(type: String) throws {
        let directory = try TemporaryDirectory()
        let database = try Database(
            path: directory.file("database"), mode: .create, busyTimeout: .zero)
        try database.prepare(
            text: "CREATE TABLE oauth_tokens (user_id \(type), provider TEXT)"
        ).run()
        try StateSchema.create(in: database)
        try database.execute(
            """
            INSERT INTO oauth_tokens VALUES (4, 'microsoft'), ('4', 'microsoft');
            INSERT INTO maintain_teams_connections
              (provider, user_id, verdict, failures, last_attempt_at)
            VALUES ('microsoft', 4, 'transient', 1, 0), ('microsoft', '4', 'transient', 2, 0);
            """)
        let query =
            "SELECT typeof(t.user_id), c.failures FROM oauth_tokens AS t \(StateSchema.joinedState)"
        let plan = try database.prepare(text: "EXPLAIN QUERY PLAN " + query)
        var steps: [String] = []
        while try plan.step() { steps.append(plan.text(3)) }
        #expect(steps.contains { $0.contains("provider=? AND user_id=?") }, "\(steps)")

        let rows = try database.prepare(text: query)
        while try rows.step() {
            #expect(rows.integer(1) == (rows.text(0) == "integer" ? 1 : 2))
        }
    }
}
