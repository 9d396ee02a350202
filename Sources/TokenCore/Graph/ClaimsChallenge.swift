/// A resource's wish for more claims in the token (OpenID Connect Core §5.5), as it comes in
/// `WWW-Authenticate` (Microsoft identity platform, "Claims challenges, claims requests, and client
/// capabilities").

internal import FoundationEssentials

enum ClaimsChallenge {
    /// The claims of the first `Bearer` challenge whose error is `insufficient_claims`.
    ///
    /// - Parameter header: One or more challenges (RFC 9110 §11.6.1), parameters quoted or not.
    /// - Returns: JSON to send as `claims` with the next redemption; nil when there is none that can
    ///   be read.
    static func claims(in header: String) -> String? {
        for challenge in challenges(in: header) where challenge.scheme == "bearer" {
            if challenge.parameters["error"] == "insufficient_claims",
                let json = challenge.parameters["claims"].flatMap(decoded)
            {
                return json
            }
        }
        return nil
    }

    /// Names in lower case; of two equal parameters the first.
    struct Challenge: Equatable {
        let scheme: String
        private(set) var parameters: [String: String] = [:]

        init(scheme: String) { self.scheme = scheme }

        mutating func add(_ value: String, as name: String) {
            if parameters[name] == nil { parameters[name] = value }
        }
    }

    /// A word followed by `=` is a parameter of the challenge that the last other word began.
    static func challenges(in header: String) -> [Challenge] {
        var challenges: [Challenge] = []
        var rest = Substring(header)
        while true {
            rest = rest.drop { $0 == "," || $0 == "=" || $0 == "\"" || $0.isWhitespace }
            guard !rest.isEmpty else { return challenges }
            let word = rest.prefix { !$0.isWhitespace && $0 != "," && $0 != "=" && $0 != "\"" }
            rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
            guard rest.first == "=" else {
                challenges.append(Challenge(scheme: word.lowercased()))
                continue
            }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            let value = takeValue(from: &rest)
            if var challenge = challenges.popLast() {
                challenge.add(value, as: word.lowercased())
                challenges.append(challenge)
            }
        }
    }

    private static func takeValue(from rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && !$0.isWhitespace }
            rest = rest.dropFirst(value.count)
            return String(value)
        }
        var value = ""
        var isEscaped = false
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return value
            } else {
                value.append(character)
            }
        }
        return value
    }

    /// Standard base64 of a JSON object; an alphabet for URLs or lost padding does no harm.
    private static func decoded(_ base64: String) -> String? {
        let standard = base64.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }.filter { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        guard let bytes = Data(base64Encoded: String(standard) + padding),
            let json = String(validating: bytes, as: UTF8.self),
            (try? JSONValue(parsing: Array(bytes)))?.object != nil
        else { return nil }
        return json
    }
}
