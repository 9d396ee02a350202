/// What a program says of its commands and options: the JSON that swift-argument-parser prints for
/// `--experimental-dump-help`, as far as a manual page needs it.

struct CommandDump: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let arguments: [Argument]?
        let subcommands: [Command]?

        var displayed: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
    }

    struct Argument: Decodable, Equatable {
        enum Kind: String, Decodable {
            case positional, option, flag
        }

        struct Name: Decodable, Equatable {
            let kind: String
            let name: String
        }

        let kind: Kind
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool
        let parsingStrategy: String

        /// The names with their dashes, the short one first.
        var options: [String] {
            (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
                .sorted { ($0.count, $0) < ($1.count, $1) }
        }

        /// Only after `--`, so that its own options are not read as ours.
        var followsTerminator: Bool { parsingStrategy == "postTerminator" }
    }
}
