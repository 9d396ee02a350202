/// The wire form of failure (RFC 6749 §5.2) with Microsoft's additions ("Microsoft Entra
/// authentication and authorization error codes"). The description is looked at but never kept,
/// since it may name accounts.

struct OAuthErrorBody: Equatable, Sendable {
    /// For example `invalid_grant`; never absent.
    var error: String
    /// For example `bad_token`.
    var suberror: String?
    /// The AADSTS numbers in the order sent; that of the description when there are no others.
    var codes: [Int]
    /// The number that the description begins with.
    var describedCode: Int?
    var correlationID: String?
    var traceID: String?
    /// JSON to pass on to an interactive sign-in.
    var claims: String?

    /// - Returns: nil unless the body is a JSON object with a text `error`.
    init?(_ body: [UInt8]) {
        guard let fields = (try? JSONValue(parsing: body))?.object,
            let error = fields["error"]?.string
        else { return nil }
        self.error = error
        suberror = fields["suberror"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        describedCode = fields["error_description"]?.string.flatMap(Self.leadingCode)
        let numbers = fields["error_codes"].map(Self.numbers) ?? []
        codes = numbers.isEmpty ? describedCode.map { [$0] } ?? [] : numbers
        correlationID = fields["correlation_id"]?.string.flatMap(Self.guid)
        traceID = fields["trace_id"]?.string.flatMap(Self.guid)
        claims = fields["claims"]?.string.flatMap(Self.claimsObject)
    }

    /// `50196` of `AADSTS50196: …`. All of its digits: 70002 is a prefix of 7000215.
    private static func leadingCode(of description: String) -> Int? {
        let text = description.trimmed
        guard text.hasPrefix("AADSTS") else { return nil }
        return code(String(text.dropFirst(6).prefix { $0.isASCII && $0.isNumber }))
    }

    /// More than this is no error report.
    private static let mostCodes = 16

    private static func numbers(_ value: JSONValue) -> [Int] {
        guard case .array(let elements) = value else { return [] }
        return elements.prefix(mostCodes).compactMap { element in
            switch element {
            case .number(let text), .string(let text): code(text)
            default: nil
            }
        }
    }

    /// A positive whole number and nothing else.
    private static func code(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int(text), number > 0
        else { return nil }
        return number
    }

    /// Only the form of a GUID is believed: what isn't one could hold anything.
    private static func guid(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
            parts.joined().allSatisfy({ $0.isASCII && $0.isHexDigit })
        else { return nil }
        return text
    }

    /// Policy IDs make a few hundred bytes.
    private static let longestClaims = 8192

    private static func claimsObject(_ text: String) -> String? {
        guard text.utf8.count <= longestClaims,
            (try? JSONValue(parsing: Array(text.utf8)))?.object != nil
        else { return nil }
        return text
    }
}
