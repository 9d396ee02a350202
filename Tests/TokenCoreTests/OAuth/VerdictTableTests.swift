import Testing

@testable import TokenCore

@Suite struct VerdictTableTests {
    @Test(arguments: VerdictFact.all + VerdictFact.families)
    func `each code has the class that is known of it`(_ fact: VerdictFact) throws {
        let entry = try #require(VerdictTable.code(fact.code))
        #expect(entry.kind == fact.kind)
        #expect(entry.isTenantOnly == fact.isTenantOnly)
    }

    @Test func `the table holds the known codes and no others`() {
        let listed = VerdictTable.rows.flatMap(\.codes)
        #expect(Set(listed) == Set(VerdictFact.all.map(\.code)))
        #expect(listed.count == Set(listed).count)
    }

    @Test func `no code of the table lies in a range too`() {
        for code in VerdictTable.rows.flatMap(\.codes) {
            #expect(!VerdictTable.ranges.contains { $0.numbers.contains(code) }, "\(code)")
        }
    }

    @Test(arguments: [
        7000, 50199, 53003, 70002, 700_020, 80001, 7_000_215, 9_002_313,
    ])
    func `neighbours of a range are outside it`(_ code: Int) {
        #expect(!VerdictTable.ranges.contains { $0.numbers.contains(code) })
    }

    @Test(arguments: [
        0, 1, 7000, 5019, 501960, 500761, 53005, 81003, 81013, 130_010, 129_999, 75000, 76000,
        700_081, 99999, 1_000_999, .max,
    ])
    func `an undescribed code is in no table`(_ code: Int) {
        #expect(VerdictTable.code(code) == nil)
    }

    @Test(arguments: [
        ("temporarily_unavailable", RefusalClass.transient, false),
        ("server_error", .transient, false),
        ("invalid_grant", .reauth, false),
        ("interaction_required", .reauth, false),
        ("login_required", .reauth, false),
        ("bad_token", .reauth, false),
        ("consent_required", .consent, false),
        ("access_denied", .consent, false),
        ("authorization_declined", .consent, false),
        ("invalid_client", .application, false),
        ("unauthorized_client", .application, true),
        ("invalid_resource", .application, true),
        ("invalid_scope", .application, false),
        ("invalid_tenant", .application, true),
        ("invalid_instance", .application, true),
        ("invalid_request", .request, false),
        ("unsupported_grant_type", .request, false),
        ("authorization_pending", .transient, false),
        ("slow_down", .transient, false),
        ("expired_token", .reauth, false),
        ("bad_verification_code", .request, false),
    ])
    func `each error has its class`(_ value: String, kind: RefusalClass, tenantOnly: Bool) throws {
        let entry = try #require(VerdictTable.error(value, codes: []))
        #expect(entry.kind == kind)
        #expect(entry.isTenantOnly == tenantOnly)
    }

    @Test(arguments: [
        ("bad_token", RefusalClass.reauth, true),
        ("token_expired", .reauth, true),
        ("basic_action", .reauth, false),
        ("additional_action", .reauth, false),
        ("user_password_expired", .reauth, false),
        ("message_only", .consent, false),
        ("consent_required", .consent, false),
        ("protection_policy_required", .consent, false),
        ("device_authentication_failed", .consent, false),
        ("client_mismatch", .request, false),
    ])
    func `each suberror has its class`(_ value: String, kind: RefusalClass, isFinal: Bool) throws {
        let entry = try #require(VerdictTable.suberror(value))
        #expect(entry.kind == kind)
        #expect(entry.isFinal == isFinal)
    }

    @Test func `errors and suberrors are as many as the tests know`() {
        #expect(VerdictTable.errors.count == 21)
        #expect(VerdictTable.suberrors.count == 10)
    }

    @Test func `a meaning is short, in lower case and without a full stop`() {
        let meanings =
            VerdictTable.rows.map(\.entry.meaning) + VerdictTable.ranges.map(\.entry.meaning)
            + VerdictTable.errors.values.map(\.meaning)
            + VerdictTable.suberrors.values.map(\.meaning)
        for meaning in meanings {
            #expect(meaning.count <= 90, "\(meaning)")
            #expect(!meaning.hasSuffix("."), "\(meaning)")
            #expect(
                meaning.hasPrefix("Microsoft") || meaning.first?.isLowercase == true, "\(meaning)")
        }
    }
}
