/// What a token endpoint, or whoever answers in its place, can say: as data. Each answer goes to one
/// user of a pass, between two users who are answered as they should be.

import Foundation
import TestSupport

struct HostileAnswer: Sendable {
    let name: String
    /// For the first request of the user, the second, …; the last one for all others.
    let deliveries: [RawServer.Delivery]
    /// The verdict in the pass's document; `refreshed` for an answer that is one in spite of its looks.
    let verdict: String
    /// Who is named as the one to act, one of several where libcurl's versions differ; nil for nobody.
    let who: String?
    /// How often the user's refresh token is sent.
    let requests: ClosedRange<Int>
    /// The refresh token that the row holds in the end, after `USER.`.
    let stored: String

    /// Refused by the server in so many words.
    static func refusal(
        _ name: String, _ verdict: String, _ who: String, requests: Int, status: Int = 400,
        _ body: String
    ) -> HostileAnswer {
        HostileAnswer(
            name: name, deliveries: [.http(status, body)], verdict: verdict, who: who,
            requests: requests...requests, stored: "0")
    }

    /// Says nothing about the token: asked three times, and nothing is changed.
    static func transient(_ name: String, _ delivery: RawServer.Delivery) -> HostileAnswer {
        transient(name, "microsoft", delivery)
    }

    /// The same without a whole answer: many of these are an outage, in which nobody is asked again.
    static func unanswered(
        _ name: String, _ who: String, _ delivery: RawServer.Delivery
    ) -> HostileAnswer {
        transient(name, who, requests: 1...3, delivery)
    }

    static func transient(
        _ name: String, _ who: String, requests: ClosedRange<Int> = 3...3,
        _ delivery: RawServer.Delivery
    ) -> HostileAnswer {
        HostileAnswer(
            name: name, deliveries: [delivery], verdict: "transient", who: who,
            requests: requests, stored: "0")
    }

    /// A success with other members than usual; `""` leaves one out. Tokens are named `USER.1`.
    static func success(
        status: Int = 200, headers: String = "", refreshToken: String = #""USER.1""#,
        accessToken: String = #""access-USER.1""#, expiresIn: String = "3599", more: String = ""
    ) -> RawServer.Delivery {
        let members = [
            ("token_type", #""Bearer""#), ("refresh_token", refreshToken),
            ("access_token", accessToken), ("expires_in", expiresIn),
        ].filter { !$0.1.isEmpty }.map { #""\#($0.0)":\#($0.1)"# }
        return .http(status, "{" + members.joined(separator: ",") + more + "}", headers: headers)
    }
}

extension RawServer.Delivery {
    /// A well-made answer. `USER` becomes the user's number.
    static func http(_ status: Int, _ body: String, headers: String = "") -> Self {
        http(status, Array(body.utf8), headers: headers)
    }

    static func http(_ status: Int, _ body: [UInt8], headers: String = "") -> Self {
        .bytes(
            Array(
                """
                HTTP/1.1 \(status) Whatever\r
                Content-Type: application/json; charset=utf-8\r
                Content-Length: \(body.count)\r
                \(headers)\r

                """.utf8) + body)
    }

    /// The same for a user; a length that was right is made right again.
    func addressed(to user: Int) -> Self {
        guard case .bytes(let bytes) = self, let text = String(validating: bytes, as: UTF8.self),
            text.contains("USER"), let end = text.range(of: "\r\n\r\n")
        else { return self }
        let body = text[end.upperBound...].replacing("USER", with: String(user))
        let length = "Content-Length: "
        let head = text[..<end.lowerBound].replacing(
            length + "\(text[end.upperBound...].utf8.count)", with: length + "\(body.utf8.count)")
        return .text(head + "\r\n\r\n" + body)
    }
}
