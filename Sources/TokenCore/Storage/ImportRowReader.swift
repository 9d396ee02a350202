/// From the fields of one row to a connection, or to all that is wrong with it.

internal import FoundationEssentials

/// The columns that an import knows. `id` is known and not taken: the table numbers its rows itself.
enum ImportColumn: String, CaseIterable {
    case id
    case userID = "user_id"
    case provider
    case accessToken = "access_token"
    case refreshToken = "refresh_token"
    case expiresAt = "expires_at"
    case tokenType = "token_type"
    case scope
    case createdAt = "created_at"
    case updatedAt = "updated_at"

    static let required: [ImportColumn] = [.userID, .accessToken, .refreshToken, .expiresAt]
}

/// What a row says, by column; a column that it does not name is not there.
typealias ImportFields = [ImportColumn: ImportField]

enum ImportField: Equatable {
    case null
    /// - Parameter isTyped: Whether the form could have said "number" and did not.
    case text(String, isTyped: Bool)
    /// As it was spelled.
    case number(String)
    case notUTF8
    /// A backslash before something that `mysql --batch` never escapes.
    case badEscape
    /// JSON's true, false, arrays and objects.
    case otherType
}

struct ImportRowReader {
    let provider: String
    let zone: LocalTime

    enum Result {
        case enrolment(Enrolment)
        case otherProvider(String)
        case problems([ImportProblem])
    }

    func read(_ fields: ImportFields, line: Int) -> Result {
        var row = Row(fields: fields, line: line)
        row.measure()
        guard row.problems.isEmpty else { return .problems(row.problems) }
        if let other = row.provider(), other != provider { return .otherProvider(other) }
        let userID = row.userID()
        let accessToken = row.token(.accessToken, mayBeMissing: false)
        let refreshToken = row.token(.refreshToken, mayBeMissing: true)
        let expiresAt = row.expiry(zone: zone)
        var others: [Enrolment.Column: SQLiteValue] = [:]
        for column in Enrolment.Column.allCases {
            others[column] = row.value(ImportColumn(rawValue: column.rawValue))
        }
        guard row.problems.isEmpty, let userID, let accessToken, let expiresAt else {
            return .problems(row.problems)
        }
        return .enrolment(
            Enrolment(
                userID: userID, provider: provider, accessToken: accessToken,
                refreshToken: refreshToken, expiresAt: .stored(expiresAt), others: others))
    }
}

/// One row while it is read; what is wrong with it adds up.
private struct Row {
    let fields: ImportFields
    let line: Int
    var problems: [ImportProblem] = []

    private mutating func complain(_ column: ImportColumn, _ message: String) {
        problems.append(ImportProblem(line: line, column: column, message))
    }

    /// No answer of Microsoft's is as long, so no field that came from one can be.
    mutating func measure() {
        for column in ImportColumn.allCases {
            if case .text(let text, _)? = fields[column], text.utf8.count > AnswerLimit.bodySize {
                complain(column, "is longer than 1 MiB")
            }
        }
    }

    /// The provider that the row names, if it names one.
    mutating func provider() -> String? {
        switch fields[.provider] {
        case nil, .null?: return nil
        case .text(let name, _)? where !name.isEmpty: return name
        case .text?:
            complain(.provider, "is empty; leave it NULL, or name the provider")
            return nil
        case let field:
            complain(.provider, Self.trouble(field))
            return nil
        }
    }

    mutating func userID() -> UserID? {
        switch fields[.userID] {
        case .text(let text, let isTyped)?:
            guard !text.isEmpty, text == text.sanitized(limit: .max) else {
                complain(.userID, "is empty, or holds characters that no identifier has")
                return nil
            }
            return isTyped ? .text(text) : UserID.candidates(for: text)[0]
        case .number(let numeral)?:
            guard let number = Int64(numeral), String(number) == numeral else {
                complain(.userID, "is a number, but not a whole one of 64 bits; quote it as a text")
                return nil
            }
            return .integer(number)
        case let field:
            complain(.userID, Self.trouble(field))
            return nil
        }
    }

    mutating func token(_ column: ImportColumn, mayBeMissing: Bool) -> Secret? {
        switch fields[column] {
        case .text(let text, _)?:
            let token = Secret(text)
            if token.isBlank {
                if mayBeMissing { return token }
                complain(column, "is empty; leave the line out, this user must sign in")
                return nil
            }
            // RFC 6749 §A.17: a refresh token has the form of an access token.
            guard token.isAccessToken else {
                complain(column, "holds characters that no token has; was the dump re-encoded?")
                return nil
            }
            return token
        case .null? where mayBeMissing: return nil
        case let field:
            complain(column, Self.trouble(field))
            return nil
        }
    }

    /// As it is to be stored: the form is the application's.
    mutating func expiry(zone: LocalTime) -> SQLiteValue? {
        let value: SQLiteValue
        switch fields[.expiresAt] {
        case .text(let text, _)?:
            // Unix seconds with a fraction, as a column of type REAL prints them.
            let isReal = text.contains(".") && JSONValue.string(text).numeral != nil
            value = isReal ? Double(text).map { .real($0) } ?? .text(text) : .text(text)
        case .number(let numeral)?:
            value = Int64(numeral).map { .integer($0) } ?? .real(Double(numeral) ?? .nan)
        case .null?: value = .null
        case let field:
            complain(.expiresAt, Self.trouble(field))
            return nil
        }
        guard ExpiresAt(value, zone: zone) != nil else {
            complain(
                .expiresAt,
                "is no time that can be read; with 1970-01-01 00:00:00 the next pass refreshes the token"
            )
            return nil
        }
        return value
    }

    /// A column that is stored as it is.
    mutating func value(_ column: ImportColumn?) -> SQLiteValue? {
        guard let column, let field = fields[column] else { return nil }
        switch field {
        case .null: return .null
        case .text(let text, _): return .text(text)
        case .number(let numeral):
            return Int64(numeral).map { .integer($0) } ?? .real(Double(numeral) ?? 0)
        case .notUTF8, .badEscape, .otherType:
            complain(column, Self.trouble(field))
            return nil
        }
    }

    private static func trouble(_ field: ImportField?) -> String {
        switch field {
        case nil: "is missing; every row must have it"
        case .null?: "is NULL; give it a value, or leave the line out"
        case .notUTF8?: "is not UTF-8; dump with --default-character-set=utf8mb4"
        case .badEscape?: "has a backslash that escapes nothing; dump without --raw"
        case .text?, .number?, .otherType?: "has a type that does not belong there"
        }
    }
}
