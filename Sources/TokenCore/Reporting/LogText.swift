/// A log line for people: the message, then `name=value` in order of name.

internal import Logging

enum LogText {
    static func fields(
        _ common: Logger.Metadata, _ own: Logger.Metadata?
    ) -> [(String, String)] {
        common.merging(own ?? [:]) { $1 }.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
    }

    static func line(_ message: String, _ fields: [(String, String)]) -> String {
        let words = fields.map { "\($0.0)=\(quoted($0.1))" }
        return ([message.sanitized()] + words).joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        let value = value.sanitized(limit: 500)
        let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isPlain ? value : JSON.string(value).line
    }
}
