/// Users for a shell to complete: those of the database that the line names, quoted so that no identifier
/// is ever more than a word to that shell. Whatever is wrong, nothing is said: somebody is typing.

internal import FoundationEssentials

public enum UserCompletion {
    public enum Shell: String, Sendable {
        case bash
        case zsh
        case fish
    }

    /// As many as a person would look through.
    private static let limit = 500

    /// - Parameters:
    ///   - words: Of the line so far, as they were typed, quotes included.
    ///   - prefix: What has been typed of the word in question.
    public static func candidates(
        words: [String], prefix: String, shell: Shell?, environment: [String: String]
    ) -> [String] {
        var invocation = PassInvocation(program: "teams-token", environment: environment)
        let home = environment["HOME"]
        let value = { (option: String) in
            self.value(of: option, in: words).flatMap { unquoted($0, home: home) }
        }
        invocation.options[SettingKey.database.rawValue] = value("--database")
        invocation.options[SettingKey.provider.rawValue] = value("--provider")
        invocation.configFile = value("--config")
        guard let configuration = try? invocation.configuration(needsClient: false),
            let place = try? DatabasePlace.find(configuration),
            let users = try? KnownUsers.some(
                in: place.path, provider: configuration.provider,
                // A shell matches what it is given; this only keeps a large table short.
                beginningWith: isPlain(prefix) ? prefix : "", limit: limit)
        else { return [] }
        return users.map(\.description).filter { isWord($0, for: shell) }.map {
            quoted($0, for: shell)
        }
    }

    /// The shells hand over a line's `--name=value` in one word or, bash, in three.
    private static func value(of option: String, in words: [String]) -> String? {
        for (place, word) in words.enumerated() {
            if word.hasPrefix("\(option)=") { return String(word.dropFirst(option.count + 1)) }
            if word == option {
                return words[(place + 1)...].first { $0 != "=" }
            }
        }
        return nil
    }

    /// What the shell would make of a word; nil where that takes more than removing quotes.
    private static func unquoted(_ word: String, home: String?) -> String? {
        guard !word.contains(where: { $0 == "$" || $0 == "`" }) else { return nil }
        var text = ""
        var quote: Character?
        var isEscaped = false
        for character in word {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else {
                text.append(character)
            }
        }
        if let home, text.hasPrefix("~/") { text = home + text.dropFirst() }
        return text
    }

    private static func isPlain(_ prefix: String) -> Bool {
        prefix.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-_.".utf8.contains($0) }
    }

    /// Whether the shell can be brought to insert it as one word: bash quotes neither `$` nor what
    /// follows it, for the sake of paths such as `$HOME/x`.
    private static func isWord(_ user: String, for shell: Shell?) -> Bool {
        if shell == .bash, user.contains(where: { "$`!".contains($0) }) { return false }
        return !user.isEmpty
            && user.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private static func quoted(_ user: String, for shell: Shell?) -> String {
        switch shell {
        // The script hands the words to compgen -W, which expands each of them: $(…) would be run.
        case .bash:
            "'\(user.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
        // _describe takes `word:description`.
        case .zsh: user.map { $0 == ":" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        case .fish, nil: user
        }
    }
}
