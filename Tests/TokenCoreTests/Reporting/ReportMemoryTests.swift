/// What `--report change` says when problems end.

import FoundationEssentials
import TestSupport
import Testing

@testable import TokenCore

struct ReportMemoryTests {
    private static let now = ManualClock.noon

    private func problem(_ user: UserID?, _ cause: Problem.Cause) -> Problem {
        Problem(
            userID: user, provider: "microsoft", cause: cause, who: .operator,
            refusal: Refusal(message: "a reason"))
    }

    private func ended(
        _ problems: [Problem], then: [Problem] = [], suspended: [UserID] = []
    ) -> [String] {
        var memory = ReportMemory(entries: [:])
        _ = memory.news(problems, isPartial: false, at: Self.now)
        return memory.news(then, suspended: suspended, isPartial: false, at: Self.now).ended
    }

    @Test func `one user is named`() {
        #expect(
            ended([problem(.integer(7), .verdict(.reauthRequired))]) == [
                "user 7 must sign in again"
            ])
        #expect(
            ended([problem(.text("a must sign in again"), .verdict(.transient))]) == [
                "user a must sign in again not refreshed this time"
            ])
    }

    @Test func `many users of one cause are one sentence, and twenty are named`() {
        let problems = (1...57).map { problem(.integer($0), .verdict(.transient)) }
        let names = (1...20).map(String.init).joined(separator: ", ")
        #expect(ended(problems) == ["users \(names) and 37 more not refreshed this time"])
        let two = [1, 2].map { problem(.integer($0), .verdict(.consentRequired)) }
        #expect(
            ended(two + [problem(.integer(3), .verdict(.reauthRequired))]) == [
                "user 3 must sign in again", "users 1, 2 need consent or an admin",
            ])
    }

    @Test(arguments: [
        (Problem.Cause.incident, "many users were refused at once"),
        (.verdict(.configuration), "the application was refused"),
        (.verdict(.throttled), "the token endpoint asked for a pause"),
        (.verdict(.transient), "nobody answered"), (.database, "the database failed"),
        (.deferred, "connections were not reached in time"),
        (.apiThrottled, "Graph asked for a pause"),
    ])
    func `a problem of the whole pass reads well`(cause: Problem.Cause, words: String) {
        #expect(ended([problem(nil, cause)]) == [words])
    }

    @Test func `a name that nobody knows any more is shown as it is`() {
        var memory = ReportMemory(entries: [
            "user 7 was unlucky": .init(detail: "", reportedAt: Self.now)
        ])
        let news = memory.news([], isPartial: false, at: Self.now)
        #expect(news.ended == ["user 7 was unlucky"])
        #expect(memory.entries.isEmpty)
    }

    @Test func `who is refused in an incident is not well again`() {
        let users = (1...40).map { UserID.integer($0) }
        let problems = users.map { problem($0, .verdict(.transient)) }
        var memory = ReportMemory(entries: [:])
        _ = memory.news(problems, isPartial: false, at: Self.now)
        let during = memory.news(
            [problem(nil, .incident)], suspended: Array(users.dropFirst()), isPartial: false,
            at: Self.now)
        #expect(during.ended == ["user 1 not refreshed this time"])
        let after = memory.news([], isPartial: false, at: Self.now)
        #expect(after.ended.count == 2)
        #expect(after.ended.first == "many users were refused at once")
        #expect(memory.entries.isEmpty)
    }
}
