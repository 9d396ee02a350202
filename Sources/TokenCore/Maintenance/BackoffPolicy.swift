/// How long to wait before trying again. Pure.

struct BackoffPolicy: Sendable {
    /// Tries of one connection in one pass: the first and two more.
    static let tries = 3

    /// Before the retry that follows try `number` (1, 2): at least a second, the rest full jitter, so
    /// that connections that failed together don't come back together.
    static func delay(afterTry number: Int, random: Double) -> Duration {
        let spread = number == 1 ? 1.0 : 4.0
        return .seconds(1 + spread * random)
    }

    /// What a 429 without `Retry-After` is taken to ask, as MSAL does.
    static let unspecifiedPause = Duration.seconds(60)

    /// A pause that is over at once would be no pause.
    static let shortestPause = Duration.seconds(1)

    /// How long the requests in flight take to double after the server has asked for less: its limit is met
    /// again a few times in a pass, not at once.
    static let regrowth = Duration.seconds(300)

    /// How long a pass waits for a throttling server in total.
    static let throttlePatience = Duration.seconds(30)

    /// How often it does so for one connection.
    static let throttlesPerConnection = 2

    /// Attempts in a row without an answer, and no success, that mean an outage.
    static let outageStreak = 10

    /// How long a pass keeps asking a dead service, one request at a time.
    static let outagePatience = Duration.seconds(60)

    /// Between two such requests.
    static func outageDelay(random: Double) -> Duration { .seconds(0.5 + random) }

    /// How soon a connection that needs a person is tried again by itself.
    static let dailyRetry = 24.0 * 3600
}
