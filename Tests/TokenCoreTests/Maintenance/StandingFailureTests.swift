import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct StandingFailureTests {
    private static let now = ManualClock.noon
    private static let earlier = StandingFailure(
        verdict: .transient, since: now - 7200, count: 3, nextAttemptAt: nil,
        refusal: Refusal(message: "before"))

    @Test(arguments: [
        (Verdict.transient, TokenEndpointError.noAnswer, nil as Date?),
        (.reauthRequired, .signInAgain, now + 86_400), (.reauthRequired, .badToken, .distantFuture),
        (.consentRequired, .consentMissing, now + 86_400),
        (.consentRequired, .wrongSecret, now + 86_400), (.rejected, .damagedRow, now + 86_400),
        (.throttled, .throttled(.seconds(90)), now + 90), (.throttled, .throttled(nil), now + 60),
    ])
    func `each verdict has its own pause`(verdict: Verdict, error: TokenEndpointError, next: Date?)
    {
        let failure = StandingFailure(after: nil, verdict: verdict, error: error, at: Self.now)
        #expect(failure.nextAttemptAt == next)
        #expect(failure.since == Self.now)
        #expect(failure.count == 1)
        var refusal = error.refusal
        refusal.who = error == .wrongSecret ? .tenantAdmin : error.responsible
        #expect(failure.refusal == refusal)
        #expect(Refusal(json: failure.refusal.json) == refusal)
    }

    @Test func `the same failure goes on`() {
        let failure = StandingFailure(
            after: Self.earlier, verdict: .transient, error: .nonsense, at: Self.now)
        #expect(failure.since == Self.now - 7200)
        #expect(failure.count == 4)
        #expect(failure.refusal.message == "nonsense")
    }

    @Test func `another verdict begins now, in the same row of failures`() {
        let failure = StandingFailure(
            after: Self.earlier, verdict: .reauthRequired, error: .signInAgain, at: Self.now)
        #expect(failure.since == Self.now)
        #expect(failure.count == 4)
    }
}

struct IncidentRuleTests {
    private static let now = ManualClock.noon

    @Test(arguments: [
        (0, 0, false), (19, 19, false), (20, 20, true), (100, 20, false), (99, 20, true),
        (1000, 200, false), (1000, 201, true), (20, 0, false),
    ])
    func `more than a fifth and at least twenty are an incident`(
        answered: Int, refused: Int, isIncident: Bool
    ) {
        let rule = IncidentRule(
            provenTried: answered, provenAnswered: answered, provenRefused: refused)
        #expect(rule.isIncident == isIncident)
        let judgement = rule.judgement(firstSeen: nil, isPartial: false, now: Self.now)
        #expect(judgement == (isIncident ? .begins : .calm))
    }

    @Test(arguments: [(0.0, true), (3599, true), (3600, false), (86_400, false), (-600, true)])
    func `it is believed after an hour`(age: Double, holdsBack: Bool) {
        let rule = IncidentRule(provenTried: 50, provenAnswered: 50, provenRefused: 50)
        let since = Self.now - age
        let judgement = rule.judgement(firstSeen: since, isPartial: false, now: Self.now)
        #expect(judgement == (holdsBack ? .lasts(since: since, holdsBack: true) : .believed))
        #expect(judgement.holdsBack == holdsBack)
    }

    @Test(arguments: [
        // Nobody was asked, or nobody answered.
        (0, 0, 0, false), (100, 0, 0, false), (100, 19, 0, false),
        (100, 20, 0, true), (100, 20, 4, true), (100, 20, 5, false), (5, 5, 0, true),
        (5, 5, 1, true), (5, 4, 0, false), (19, 19, 19, false),
    ])
    func `it is over when enough were answered well`(
        tried: Int, answered: Int, refused: Int, isOver: Bool
    ) {
        let rule = IncidentRule(
            provenTried: tried, provenAnswered: answered, provenRefused: refused)
        for age in [600.0, 7200] {
            let since = Self.now - age
            let judgement = rule.judgement(firstSeen: since, isPartial: false, now: Self.now)
            #expect(
                judgement
                    == (isOver ? .over(since: since) : .lasts(since: since, holdsBack: age < 3600)))
            let partial = rule.judgement(firstSeen: since, isPartial: true, now: Self.now)
            #expect(
                partial == (age < 3600 ? .lasts(since: since, holdsBack: true) : .calm))
        }
    }

    @Test func `proven is what was refreshed and is not condemned`() {
        func connection(_ verdict: Verdict?, refreshed: Bool) -> Connection {
            Connection(
                id: ConnectionID(userID: .integer(1), provider: "microsoft"), rowID: 1,
                refreshToken: Secret("t"), expiresAt: Self.now,
                failure: verdict.map {
                    StandingFailure(
                        after: nil, verdict: $0, error: .signInAgain, at: Self.now)
                }, lastRefreshedAt: refreshed ? Self.now : nil)
        }
        #expect(IncidentRule.isProven(connection(nil, refreshed: true)))
        #expect(IncidentRule.isProven(connection(.transient, refreshed: true)))
        #expect(!IncidentRule.isProven(connection(nil, refreshed: false)))
        #expect(!IncidentRule.isProven(connection(.reauthRequired, refreshed: true)))
        #expect(!IncidentRule.isProven(connection(.consentRequired, refreshed: true)))
    }
}
