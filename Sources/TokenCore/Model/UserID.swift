/// Whose connection it is: an integer or a text, exactly as the table holds it. `7` and `"7"` are
/// two users, and `007` can only be a text.

public enum UserID: Hashable, Sendable {
    case integer(Int64)
    case text(String)

    /// Every identifier that an argument may mean: `7` is an integer, or else a text that reads 7.
    public static func candidates(for argument: String) -> [UserID] {
        if let number = Int64(argument), String(number) == argument {
            return [.integer(number), .text(argument)]
        }
        return [.text(argument)]
    }
}

extension UserID: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let number): String(number)
        case .text(let text): text
        }
    }
}

extension UserID: Comparable {
    /// SQLite's order: integers before texts.
    public static func < (left: UserID, right: UserID) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.text(let left), .text(let right)): left < right
        case (.integer, .text): true
        case (.text, .integer): false
        }
    }
}
