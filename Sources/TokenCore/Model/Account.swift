/// Who signed in, as the directory knows them: `tid` and `oid` name an account for good, its name may
/// change ("ID token claims reference").

struct Account: Equatable, Sendable {
    let tenantID: String
    let objectID: String
    /// For example `anna@example.org`; for display only.
    let name: String?

    func isSame(as other: Account) -> Bool {
        (tenantID, objectID) == (other.tenantID, other.objectID)
    }

    /// For a person to tell two accounts apart.
    var words: String {
        let ids = "oid \(objectID.sanitized(limit: 64)), tid \(tenantID.sanitized(limit: 64))"
        return name.map { "\($0.sanitized(limit: 100)) (\(ids))" } ?? ids
    }
}
