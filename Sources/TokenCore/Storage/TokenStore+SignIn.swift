/// What a sign-in needs of the database: to know beforehand that it will be stored, to store it, and to
/// remember whose account it was.

internal import FoundationEssentials

/// What became of a sign-in.
enum SignInOutcome: Equatable, Sendable {
    case stored(EnrolledRow)
    /// The connection belongs to another account, or to one that can't be compared: nothing was stored.
    case otherAccount(last: Account)
}

extension TokenStore {
    /// Proves that this connection could be stored now, down to the application's own rules and a durable
    /// commit; leaves no trace.
    /// - Returns: The row as it would stand there.
    func rehearse(_ enrolment: Enrolment, at now: Date) throws(StoreError) -> EnrolledRow {
        try translating {
            let row = try database.rehearsal {
                var writer = try EnrolmentWriter(database, table: table, zone: settings.zone)
                return try writer.write(
                    enrolment, over: try writer.rowID(of: enrolment), at: now
                ).row
            }
            try database.transaction {
                try database.execute(
                    "UPDATE maintain_teams_meta SET value = value WHERE key = 'version'")
            }
            return row
        }
    }

    /// - Parameters:
    ///   - account: Who signed in; nil when the answer did not say.
    ///   - replacesAccount: Whether it may be another one than at the last sign-in.
    func store(
        _ enrolment: Enrolment, account: Account?, replacesAccount: Bool, at now: Date
    ) throws(StoreError) -> SignInOutcome {
        try translating {
            try database.transaction {
                var writer = try EnrolmentWriter(database, table: table, zone: settings.zone)
                let rowID = try writer.rowID(of: enrolment)
                if rowID != nil, !replacesAccount,
                    let last = try self.account(of: enrolment.userID, enrolment.provider),
                    account?.isSame(as: last) != true
                {
                    return .otherAccount(last: last)
                }
                let row = try writer.write(enrolment, over: rowID, at: now).row
                try remember(account, of: row.userID ?? enrolment.userID, enrolment.provider, now)
                return .stored(row)
            }
        }
    }

    private func account(of userID: UserID, _ provider: String) throws -> Account? {
        let statement = try database.prepare(
            """
            SELECT tenant_id, object_id, name FROM maintain_teams_accounts
            WHERE provider = ?1 AND user_id = ?2
            """
        ).bind(.text(provider), SQLiteValue(userID))
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return Account(
            tenantID: statement.text(0), objectID: statement.text(1),
            name: statement.isNull(2) ? nil : statement.text(2))
    }

    private func remember(
        _ account: Account?, of userID: UserID, _ provider: String, _ now: Date
    ) throws {
        guard let account else {
            try database.prepare(
                "DELETE FROM maintain_teams_accounts WHERE provider = ?1 AND user_id = ?2"
            ).bind(.text(provider), SQLiteValue(userID)).run()
            return
        }
        try database.prepare(
            """
            INSERT INTO maintain_teams_accounts
              (provider, user_id, tenant_id, object_id, name, signed_in_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (provider, user_id) DO UPDATE SET
              tenant_id = excluded.tenant_id, object_id = excluded.object_id,
              name = excluded.name, signed_in_at = excluded.signed_in_at
            """
        ).bind(
            .text(provider), SQLiteValue(userID), .text(account.tenantID), .text(account.objectID),
            account.name.map { .text($0) } ?? .null, .integer(now.wholeSeconds)
        ).run()
    }
}
