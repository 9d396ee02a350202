/// Files that an import can't read and people give it all the same, told apart by how they begin: whoever
/// hears what the file is knows what to do.

enum ForeignForm {
    /// What the file is and how to get another one; nil for what may be a form that is read. Nothing of
    /// the file is repeated.
    static func complaint(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "this is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"
        }
        if bytes.starts(with: [0x1F, 0x8B]) {
            return "this is compressed by gzip; unpack it: gzip -dc FILE | teams-token import"
        }
        if bytes.starts(with: Array("SQLite format 3".utf8) + [0]) {
            return
                "this is an SQLite database; print its rows: sqlite3 -json FILE 'SELECT * FROM oauth_tokens' | jq -c '.[]'"
        }
        switch bytes.prefix(4).map({ $0 == 0 }) {
        case [false, true, false, true]:
            return "this is UTF-16; convert it: iconv -f UTF-16LE -t UTF-8"
        case [true, false, true, false]:
            return "this is UTF-16; convert it: iconv -f UTF-16BE -t UTF-8"
        default: break
        }
        return text(bytes)
    }

    /// Enough for the names of all columns.
    private static let longestStart = 4096

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func text(_ bytes: [UInt8]) -> String? {
        let start = bytes.prefix(longestStart).drop {
            ConnectionImport.isBlank($0) || byteOrderMark.contains($0)
        }
        let line = String(decoding: start.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            .lowercased()
        if sql.contains(where: { line.hasPrefix($0) }) {
            return
                "this is an SQL dump; print the rows instead: mysql --batch -e 'SELECT * FROM oauth_tokens'"
        }
        if line.hasPrefix("+--") {
            return "this is the table that mysql draws for people; dump with mysql --batch"
        }
        guard !line.utf8.contains(0x09), !line.hasPrefix("{"), !line.hasPrefix("[") else {
            return nil
        }
        for separator in [",", ";"] as [Character] {
            let names = line.split(separator: separator).map {
                String($0.drop { $0 == "\"" }.prefix { $0 != "\"" })
            }
            let columns = names.compactMap { ImportColumn(rawValue: $0) }
            if names.count > 1, !columns.isEmpty {
                return
                    "this is CSV; fields are separated by tabs: dump with mysql --batch, or give JSON lines"
            }
        }
        return nil
    }

    private static let sql = [
        "--", "/*", "insert into", "create table", "create database", "drop table", "set ", "use ",
        "begin", "pragma ", "lock tables", "start transaction",
    ]
}
