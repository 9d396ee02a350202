/// The application's table `oauth_tokens`, as it is: which columns there are and how SQLite compares
/// them. It is read once per run and never altered.

internal import FoundationEssentials

struct OAuthTable {
    static let required = ["user_id", "provider", "access_token", "refresh_token", "expires_at"]

    /// Lower-case names of the columns that are there.
    let columns: Set<String>
    /// Whether numbers in `expires_at` stay numbers; a column of type TEXT turns them into digits.
    let keepsNumbers: Bool
    /// Whether the whole table is indexed by `expires_at` first.
    let hasExpiryIndex: Bool

    var hasScope: Bool { columns.contains("scope") }
    var hasTokenType: Bool { columns.contains("token_type") }
    var hasUpdatedAt: Bool { columns.contains("updated_at") }
}

extension OAuthTable {
    /// - Throws: ``StoreError`` when there is no such table, or a column is missing.
    init(in database: Database) throws {
        var types: [String: String] = [:]
        let statement = try database.prepare(
            "SELECT name, type FROM pragma_table_info('oauth_tokens')")
        while try statement.step() {
            types[statement.text(0).lowercased()] = statement.text(1).uppercased()
        }
        guard !types.isEmpty else {
            throw StoreError(
                "no table oauth_tokens in \(database.path)",
                hint: "set TEAMS_DATABASE to the application's database, or create the table with "
                    + "`teams-token init`")
        }
        // A view shows NULL for every rowid, and a table WITHOUT ROWID has none.
        let ordinary = try database.prepare(
            """
            SELECT 1 FROM pragma_table_list('oauth_tokens')
            WHERE schema = 'main' AND type = 'table' AND NOT wr
            """)
        guard try ordinary.step() else {
            throw StoreError(
                "oauth_tokens in \(database.path) is a view, virtual or WITHOUT ROWID",
                hint: "maintain-teams addresses rows by rowid and needs an ordinary table")
        }
        ordinary.reset()
        let missing = Self.required.filter { types[$0] == nil }
        guard missing.isEmpty else {
            throw StoreError(
                "table oauth_tokens in \(database.path) has no column \(missing.joined(separator: ", "))",
                hint: "compare it with docs/store.md; maintain-teams never alters this table")
        }
        columns = Set(types.keys)
        let index = try database.prepare(
            """
            SELECT 1 FROM pragma_index_list('oauth_tokens') AS list
            JOIN pragma_index_info(list.name) AS part
            WHERE NOT list.partial AND part.seqno = 0 AND lower(part.name) = 'expires_at'
            """)
        hasExpiryIndex = try index.step()
        index.reset()
        keepsNumbers = Self.keepsNumbers(declaredType: types["expires_at"] ?? "")
    }

    /// SQLite's rules of column affinity (sqlite.org/datatype3.html §3.1), as far as they matter here.
    private static func keepsNumbers(declaredType type: String) -> Bool {
        if type.contains("INT") { return true }
        return !(type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT"))
    }
}
