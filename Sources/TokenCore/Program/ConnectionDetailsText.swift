/// One connection at length, for a person and as JSON.

internal import FoundationEssentials

struct ConnectionDetailsText {
    private let text: ConnectionText
    private let details: ConnectionDetails
    private let problem: Problem?
    private let remedies: Remedies
    private let claims: UnverifiedClaims?

    init(_ text: ConnectionText, _ details: ConnectionDetails, _ remedies: Remedies) {
        self.text = text
        self.details = details
        self.remedies = remedies
        problem = text.connection.standingProblem(text.state)
        claims = UnverifiedClaims(details.accessToken)
    }

    private var connection: InspectedConnection { text.connection }

    // MARK: For a person

    /// - Parameter columns: Of the terminal; nil for a program, which wants a fact in a line.
    func lines(style: TextStyle, width columns: Int? = nil) -> [String] {
        var rows: [(String, String)] = [
            ("state", text.state.painted(text.state.words, style)),
            ("provider", connection.provider.sanitized()), ("row", String(connection.rowID)),
            ("expires", expiry),
        ]
        rows += details.columns.compactMap { name, value in
            value == .null ? nil : (String(name.map { $0 == "_" ? " " : $0 }), value.words)
        }
        rows += [
            ("access token", form(ofLength: details.accessToken.exposed.count)),
            (
                "refresh token",
                details.refreshTokenLength > 0 ? "\(details.refreshTokenLength) characters" : "none"
            ),
            ("last refresh", connection.lastRefreshedAt.map(moment) ?? "none by this program"),
        ]
        if let attempt = details.lastAttempt {
            let isVoid = connection.failure == nil && attempt.verdict != Verdict.refreshed.rawValue
            let note = isVoid ? " (void: the token or the configuration is another now)" : ""
            rows.append(
                ("last attempt", "\(moment(attempt.at)): \(attempt.verdict.sanitized())\(note)"))
        }
        rows += failureRows + problemRows
        let width = rows.map { $0.0.count }.max() ?? 0
        let body = rows.map {
            "  \($0.0.padded(to: width))  \($0.1)".wrapped(to: columns, indent: width + 4)
        }
        return [style.bold("user \(text.user)")] + body + claimLines(width: columns)
    }

    private var expiry: String {
        let stored = connection.storedExpiry.words
        guard let date = connection.expiresAt else { return "unreadable: \(stored)" }
        return moment(date) + (stored == date.rfc3339 ? "" : ", stored as \(stored)")
    }

    private var failureRows: [(String, String)] {
        guard let failure = connection.failure else { return [] }
        let refusal = failure.refusal
        var rows = [
            ("failing since", "\(moment(failure.since)), \(failure.count) in a row")
        ]
        switch failure.nextAttemptAt {
        case .distantFuture?: rows.append(("next attempt", "never with this refresh token"))
        case let date?: rows.append(("next attempt", moment(date)))
        case nil: rows.append(("next attempt", "with the next pass"))
        }
        let error = [refusal.error, refusal.suberror].compactMap { $0 }.joined(separator: ", ")
        let codes = refusal.codes.map { "AADSTS\($0)" }.joined(separator: ", ")
        let facts = [
            ("error", error), ("codes", codes),
            ("HTTP status", refusal.status.map(String.init) ?? ""),
            ("correlation ID", refusal.correlationID ?? ""), ("trace ID", refusal.traceID ?? ""),
        ]
        return rows + facts.filter { !$0.1.isEmpty }.map { ($0.0, $0.1.sanitized()) }
    }

    private var problemRows: [(String, String)] {
        guard let problem else { return [] }
        return [
            ("why", problem.refusal.message.sanitized()), ("who", problem.who.words),
            ("remedy", remedies.remedy(for: problem)),
        ]
    }

    private func claimLines(width columns: Int?) -> [String] {
        guard let claims else { return [] }
        let width = claims.claims.map { DisplayWidth.of($0.name.sanitized(limit: 40)) }.max() ?? 0
        return ["  claims of the access token, unverified:"]
            + claims.claims.map { name, value in
                "    \(name.sanitized(limit: 40).padded(to: width))  \(words(of: value, named: name))"
                    .wrapped(to: columns, indent: width + 6)
            }
    }

    private func words(of value: JSONValue, named name: String) -> String {
        let text = value.string ?? value.json.line
        let note =
            ["exp", "iat", "nbf", "auth_time"].contains(name)
            ? value.numeral.flatMap(Double.init).map {
                " (\(moment(Date(timeIntervalSince1970: $0))))"
            } : nil
        return text.sanitized(limit: 2000).fitted(to: 90) + (note ?? "")
    }

    private func form(ofLength length: Int) -> String {
        length == 0 ? "none" : "\(claims == nil ? "opaque" : "JWT"), \(length) characters"
    }

    private func moment(_ date: Date) -> String {
        "\(date.rfc3339), \(RelativeTime.phrase(date, at: text.now))"
    }

    // MARK: JSON

    var json: JSON {
        let refusal = connection.failure?.refusal
        var members = text.members
        members += [
            ("correlation_id", .text(refusal?.correlationID)),
            ("trace_id", .text(refusal?.traceID)),
            ("http_status", refusal?.status.map { .count($0) } ?? .null),
            ("failures", .count(connection.failure?.count ?? 0)),
            ("who", .text(problem?.who.rawValue)),
            ("remedy", .text(problem.map { remedies.remedy(for: $0) })),
            ("row_id", .integer(connection.rowID)),
            ("expires_at_stored", connection.storedExpiry.json),
        ]
        members += details.columns.map { ($0, $1.json) }
        members += [
            (
                "access_token_form",
                details.accessToken.isEmpty ? .null : .string(claims == nil ? "opaque" : "jwt")
            ),
            ("has_refresh_token", .bool(connection.hasRefreshToken)),
            ("last_attempt_at", .time(details.lastAttempt?.at)),
            ("last_attempt_verdict", .text(details.lastAttempt?.verdict)),
            (
                "claims_unverified",
                claims.map { .members($0.claims.map { ($0.name, $0.value.json) }) } ?? .null
            ),
        ]
        return .members(members)
    }
}

extension InspectedConnection {
    /// What somebody has to know or do about it; nil while all is well.
    func standingProblem(_ state: ConnectionState) -> Problem? {
        let (verdict, refusal): (Verdict, Refusal)
        switch (state, failure) {
        case (.malformed, _): (verdict, refusal) = (.malformed, .unreadableRow)
        case (.noRefreshToken, _): (verdict, refusal) = (.reauthRequired, .noRefreshToken)
        case (_, let failure?): (verdict, refusal) = (failure.verdict, failure.refusal)
        case (_, nil): return nil
        }
        return Problem(
            userID: userID, provider: provider, cause: .verdict(verdict),
            who: refusal.who ?? verdict.usuallyUpTo,
            refusal: refusal, since: failure?.since, expiresAt: expiresAt)
    }
}

extension SQLiteValue {
    /// The value as it is stored; what is no text or number is not shown.
    var json: JSON {
        switch self {
        case .null, .blob, .unreadableText: .null
        case .integer(let number): .integer(number)
        case .real(let number): .number(number)
        case .text(let text): .string(text)
        }
    }

    /// The same for a person.
    var words: String {
        switch self {
        case .null: "NULL"
        case .unreadableText(let bytes): "a text of \(bytes.count) bytes that is not UTF-8"
        case .blob(let bytes): "a blob of \(bytes.count) bytes"
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text.isEmpty ? "an empty text" : text.sanitized()
        }
    }
}

extension JSONValue {
    /// The value as it was sent, objects by name.
    var json: JSON {
        switch self {
        case .object(let members):
            .members(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })
        case .array(let elements): .array(elements.map(\.json))
        case .string(let text): .string(text)
        case .number(let text):
            Int64(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .string(text)
        case .bool(let value): .bool(value)
        case .null: .null
        }
    }
}
