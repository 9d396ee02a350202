/// The application's table `oauth_tokens`, as it is: which columns there are and how SQLite compares
/// them. It is read once per run and never altered.

internal import FoundationEssentials

struct OAuthTable {
    static let required = ["user_id", "provider", "access_token", "refresh_token", "expires_at"]

    /// Lower-case names of the columns that are there.
    let columns: Set<String>
    /// Whether numbers in `expires_at` stay numbers; a column of type TEXT turns them into digits.
    let keepsNumbers: Bool

    var hasScope: Bool { columns.contains("scope") }
    var hasTokenType: Bool { columns.contains("token_type") }
    var hasUpdatedAt: Bool { columns.contains("updated_at") }

    /// - Throws: ``StoreError`` when there is no such table, or a column is missing.
    init(in database: Database) throws {
        var types: [String: String] = [:]
        let statement = try database.prepare("SELECT name, type FROM pragma_table_info('oauth_tokens')")
        while try statement.step() { types[statement.text(0).lowercased()] = statement.text(1).uppercased() }
        guard !types.isEmpty else {
            throw StoreError(
                "no table oauth_tokens in \(database.path)",
                hint: "point TEAMS_DATABASE at the application's database")
        }
        let missing = Self.required.filter { types[$0] == nil }
        guard missing.isEmpty else {
            throw StoreError(
                "table oauth_tokens in \(database.path) has no column \(missing.joined(separator: ", "))",
                hint: "compare it with docs/store.md; maintain-teams never alters this table")
        }
        columns = Set(types.keys)
        keepsNumbers = Self.keepsNumbers(declaredType: types["expires_at"] ?? "")
    }

    /// SQLite's rules of column affinity (sqlite.org/datatype3.html §3.1), as far as they matter here.
    private static func keepsNumbers(declaredType type: String) -> Bool {
        if type.contains("INT") { return true }
        return !(type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT"))
    }
}
