/// What a sign-in came to, in words.

internal import FoundationEssentials

struct LoginText: CommandAnswer {
    let row: EnrolledRow
    /// Nil when the answer did not say who signed in.
    let account: Account?
    let provider: String
    let expiresAt: Date
    let skew: Duration?
    let now: Date

    var lines: [String] {
        let user = row.userID.map { $0.description.sanitized(limit: 64) } ?? ""
        let name = account?.name.map { " as \($0.sanitized(limit: 100))" } ?? ""
        let left = RelativeTime.words(seconds: max(0, expiresAt.timeIntervalSince(now)))
        return [
            "\(row.isNew ? "connected" : "connected again"): user \(user)\(name); the token expires in \(left)"
        ]
    }

    var warnings: [String] {
        var warnings: [String] = []
        if account == nil {
            warnings.append(
                "the answer does not say who signed in; with openid and profile in TEAMS_SCOPES the next sign-in is compared with this one"
            )
        }
        if let skew, abs(skew.seconds) > 60 {
            warnings.append(PassProgram.warning(aboutSkew: skew))
        }
        return warnings
    }

    var json: JSON {
        .members([
            ("user_id", .user(row.userID)), ("provider", .string(provider)),
            ("expires_at", row.expiresAt.json), ("created", .bool(row.isNew)),
            (
                "account",
                account.map {
                    .members([
                        ("tenant_id", .string($0.tenantID)), ("object_id", .string($0.objectID)),
                        ("name", .text($0.name)),
                    ])
                } ?? .null
            ), ("warnings", .array(warnings.map { .string($0) })),
        ])
    }
}

extension RunFailure {
    /// - Parameter now: Nil when the answer did not say who signed in.
    static func otherAccount(last: Account, now: Account?, user: String) -> RunFailure {
        let user = user.sanitized(limit: 64)
        let again = "`teams-token login \(user) --replace-account` takes the new one"
        guard let now else {
            return RunFailure(
                .usage,
                "the answer does not say who signed in, and user \(user) belongs to \(last.words); nothing was stored",
                hint: "put openid and profile into TEAMS_SCOPES; \(again) unseen")
        }
        return RunFailure(
            .usage, "another account signed in than the last time; nothing was stored",
            details: ["the last time: \(last.words)", "now: \(now.words)"],
            hint: "sign in with the first one, or, if this is meant: \(again)")
    }
}
