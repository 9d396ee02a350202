/// What is fed with bytes from outside, and what must hold whatever these are. Shared by the fuzzer,
/// which looks for new ones, and by a test that replays those it has found.

internal import FoundationEssentials
@testable internal import TokenCore

public enum FuzzTarget: String, CaseIterable, Sendable {
    case tokenResponse = "token-response"
    case errorBody = "error-body"
    case graphAnswer = "graph-answer"
    case envFile = "env-file"
    case time
    case importFile = "import-file"

    /// - Returns: What does not hold; nil when all does. A trap is a finding too.
    public func violation(_ bytes: [UInt8]) -> String? {
        switch self {
        case .tokenResponse: Self.tokenResponse(bytes)
        case .errorBody: Self.errorBody(bytes)
        case .graphAnswer: Self.graphAnswer(bytes)
        case .envFile: Self.envFile(bytes)
        case .time: Self.time(bytes)
        case .importFile: Self.importFile(bytes)
        }
    }

    private static let noon = Date(timeIntervalSince1970: 1_795_348_800)

    /// What is accepted can be stored, sent and believed.
    private static func tokenResponse(_ bytes: [UInt8]) -> String? {
        guard let tokens = try? TokenResponse.decode(bytes, requestedAt: noon) else { return nil }
        let lifetime = tokens.expiresAt.timeIntervalSince(noon)
        if tokens.accessToken.exposed.utf8.contains(where: { !(0x20...0x7E).contains($0) }) {
            return "an access token that no header can carry"
        }
        if tokens.accessToken.isEmpty { return "an empty access token" }
        if tokens.refreshToken?.isEmpty == true { return "an empty refresh token" }
        if !(1...315_360_000).contains(lifetime) { return "a lifetime of \(lifetime) s" }
        return lifetime == lifetime.rounded() ? nil : "a lifetime of broken seconds"
    }

    /// Nobody is condemned by what is no refusal, and nothing of the server's reaches a terminal. The
    /// first byte chooses the HTTP status.
    private static func errorBody(_ bytes: [UInt8]) -> String? {
        let statuses = [400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 302, 418]
        guard let first = bytes.first else { return nil }
        let status = statuses[Int(first) % statuses.count]
        let body = Array(bytes.dropFirst())
        let error = Classification.error(
            status: status, body: body, retryAfter: nil, correlationID: "sent")
        let isLasting = error.kind != .transient && error.kind != .throttled
        if isLasting, OAuthErrorBody(body) == nil { return "\(error.kind) without an OAuth error" }
        if isLasting, status >= 500 || status == 429 { return "\(error.kind) by HTTP \(status)" }
        let refusal = error.refusal
        let texts = [
            refusal.message, refusal.error ?? "", refusal.suberror ?? "", refusal.traceID ?? "",
            refusal.correlationID ?? "",
        ]
        if texts.contains(where: { $0 != $0.sanitized(limit: 500) }) { return "unescaped text" }
        if Refusal(json: refusal.json) != refusal { return "a refusal that does not read back" }
        return nil
    }

    /// A challenge's claims are a JSON object, and a pause is one that we would keep.
    private static func graphAnswer(_ bytes: [UInt8]) -> String? {
        let header = String(decoding: bytes, as: UTF8.self)
        if let pause = RetryAfter.duration(header, serverTime: noon),
            pause < .zero || pause > RetryAfter.longest
        {
            return "a pause of \(pause)"
        }
        _ = HTTPDate.parse(header)
        guard let claims = ClaimsChallenge.claims(in: header) else { return nil }
        return (try? JSONValue(parsing: Array(claims.utf8)))?.object == nil
            ? "claims that are no JSON object" : nil
    }

    /// Each key once, and no value in what is said about the file.
    private static func envFile(_ bytes: [UInt8]) -> String? {
        let file = EnvFile(path: "config.env", bytes: bytes)
        if Set(file.entries.map(\.key)).count != file.entries.count { return "a key twice" }
        let said = file.problems.map { "\($0)" } + file.warnings
        for entry in file.entries {
            if entry.value.contains("\n") || entry.key.isEmpty { return "an entry of two lines" }
            let isSecretLike = entry.value.utf8.count > 48
            if isSecretLike, said.contains(where: { $0.contains(entry.value) }) {
                return "a value in a message"
            }
        }
        return nil
    }

    /// A time that was read is written back in its form and means the same second. The first byte
    /// chooses the zone of naive times.
    private static func time(_ bytes: [UInt8]) -> String? {
        let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]
        guard let first = bytes.first else { return nil }
        let zone = LocalTime(zone: zones[Int(first) % zones.count])
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        guard let read = ExpiresAt(.text(text), zone: zone) else { return nil }
        let written = read.value(for: read.date, zone: zone)
        guard let again = ExpiresAt(written, zone: zone) else { return "\(written) can't be read" }
        if again.form != read.form { return "\(text) was written as \(written)" }
        return again.date.wholeSeconds == read.date.wholeSeconds
            ? nil : "\(text) means another second than \(written)"
    }

    /// Each user once, with a token that can be sent and a time that can be read; and where something is
    /// wrong, words that hold nothing of the file.
    private static func importFile(_ bytes: [UInt8]) -> String? {
        let zone = LocalTime(zone: "UTC")
        let found = ConnectionImport.parse(bytes, provider: "microsoft", zone: zone)
        let enrolments = found.rows.map(\.enrolment)
        if Set(enrolments.map(\.userID)).count != enrolments.count { return "a user twice" }
        for enrolment in enrolments {
            if enrolment.provider != "microsoft" { return "a row of another provider" }
            if !enrolment.accessToken.isAccessToken {
                return "an access token that can't be sent"
            }
            if case .stored(let value) = enrolment.expiresAt,
                ExpiresAt(value, zone: zone) == nil
            {
                return "a time that can't be read"
            }
        }
        let said = found.problems.map(\.description)
        if said.contains(where: { $0 != $0.sanitized(limit: 500) }) { return "unescaped text" }
        // What is longer than any of our words and stands in the file as it does in a message.
        let text = String(decoding: bytes, as: UTF8.self)
        let values = text.split { "\t\n\r\"".contains($0) }.filter { $0.utf8.count > 40 }
        return said.contains { line in values.contains { line.contains($0) } }
            ? "a value in a message" : nil
    }
}
