/// When the application itself is refused: what stops the pass, what is one tenant's affair, and that
/// nobody is marked by it.

import TestSupport
import Testing

struct ApplicationRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        var tenant = "common"
        var users = 5
        let code: Int32
        /// The counts that are not zero, without the totals.
        let counts: [String: Int]
        let requests: Int
        let who: String
    }

    private static let unknownInTenant = #"{"error":"unauthorized_client","error_codes":[700016]}"#
    private static let damaged = #"{"error":"invalid_grant","error_codes":[9002313]}"#
    private static let guid = "11111111-2222-3333-4444-555555555555"
    private static let stopped = ["configuration": 3, "not_attempted": 2]

    static let cases = [
        Case(
            testDescription: "invalid_client alone", body: #"{"error":"invalid_client"}"#, code: 78,
            counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "an expired secret",
            body: #"{"error":"invalid_client","error_codes":["7000222"]}"#, code: 78,
            counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "scopes", body: #"{"error":"invalid_scope","error_codes":[70011]}"#,
            code: 78, counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "a code under invalid_grant",
            body: #"{"error":"invalid_grant","error_codes":[90009]}"#, code: 78,
            counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "unknown in the one tenant", body: unknownInTenant, tenant: guid,
            code: 78, counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "unknown in three tenants", body: unknownInTenant, code: 78,
            counts: stopped, requests: 3, who: "application_owner"),
        Case(
            testDescription: "one user, one tenant", body: unknownInTenant, tenant: guid, users: 1,
            code: 78, counts: ["configuration": 1], requests: 1, who: "application_owner"),
        Case(
            testDescription: "one user of many tenants", body: unknownInTenant, users: 1, code: 10,
            counts: ["consent_required": 1], requests: 2, who: "tenant_admin"),
        Case(
            testDescription: "damaged requests of all", body: damaged, code: 78, counts: stopped,
            requests: 3, who: "application_owner"),
        Case(
            testDescription: "damaged requests of two", body: damaged, users: 2, code: 75,
            counts: ["rejected": 2], requests: 2, who: "operator"),
    ]

    @Test(arguments: cases)
    func `a refusal of the application costs little and marks nobody`(_ fault: Case) async throws {
        var world = try HostileWorld(
            Dictionary(
                uniqueKeysWithValues: (1...fault.users).map { ($0, [.http(400, fault.body)]) }))
        world.environment["TEAMS_TENANT_ID"] = fault.tenant
        try world.enrol(1...fault.users)
        let (document, result) = try await world.document()
        #expect(result.exitCode == fault.code)
        let totals: Set<String> = ["connections", "due", "at_risk"]
        #expect(document.present?.filter { !totals.contains($0.key) } == fault.counts)
        #expect(world.server.requests.count == fault.requests)
        #expect(document.problems.map { $0["who"] as? String }.contains(fault.who))
        let marked = try world.database.value(
            "SELECT count(*) FROM maintain_teams_connections WHERE verdict <> 'refreshed'")
        let isStopped = fault.code == 78
        #expect(marked == String(isStopped ? 0 : fault.users))
    }
}
