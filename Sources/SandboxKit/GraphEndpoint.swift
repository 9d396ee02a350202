import FoundationEssentials
import NIOHTTP1

/// `GET /v1.0/me`: Microsoft Graph's answer to a good token, and its envelope for everything else.
struct GraphEndpoint {
    private static let type =
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

    /// The user of a bearer token that this sandbox made, expired or not.
    static func claims(in headers: HTTPHeaders) -> AccessTokenForm.Claims? {
        guard let value = headers.first(name: "Authorization"), value.hasPrefix("Bearer ") else {
            return nil
        }
        return AccessTokenForm.claims(in: String(value.dropFirst("Bearer ".utf8.count)))
    }

    static func me(_ headers: HTTPHeaders, at now: Date, requestID: String) -> Answer {
        guard headers.contains(name: "Authorization") else {
            return unauthorized("Access token is empty.", at: now, requestID: requestID)
        }
        guard let claims = claims(in: headers) else {
            return unauthorized(
                "IDX14100: JWT is not well formed. (error code: 80049217)", at: now,
                requestID: requestID)
        }
        guard Double(claims.exp) > now.timeIntervalSince1970 else {
            return unauthorized(
                "Lifetime validation failed, the token is expired.", at: now, requestID: requestID)
        }
        let name = Identity.principalName(of: claims.sub)
        var members = JSONMembers()
        members.set("@odata.context", "https://graph.microsoft.com/v1.0/$metadata#users/$entity")
        members.set("businessPhones", json: "[]")
        members.set("displayName", "Sandbox user \(claims.sub)")
        members.set("givenName", "Sandbox")
        members.set("jobTitle", json: "null")
        members.set("mail", name)
        members.set("mobilePhone", json: "null")
        members.set("officeLocation", json: "null")
        members.set("preferredLanguage", json: "null")
        members.set("surname", "User \(claims.sub)")
        members.set("userPrincipalName", name)
        members.set("id", Identity.objectID(of: claims.sub))
        return Answer(status: 200, headers: [("Content-Type", type)], body: .members(members))
    }

    /// The error envelope; `code` defaults to what Graph says under that status.
    static func failure(
        _ status: Int, code: String? = nil,
        message: String = "The sandbox was told to answer this.",
        at now: Date, requestID: String
    ) -> Answer {
        let usual =
            switch status {
            case 401: "InvalidAuthenticationToken"
            case 403: "Authorization_RequestDenied"
            case 404: "Request_ResourceNotFound"
            case 429: "TooManyRequests"
            case 503: "serviceNotAvailable"
            default: "generalException"
            }
        var inner = JSONMembers()
        inner.set("date", Timestamp(now).graphText)
        inner.set("request-id", requestID)
        inner.set("client-request-id", requestID)
        var error = JSONMembers()
        error.set("code", code ?? usual)
        error.set("message", message)
        error.set("innerError", json: inner.text)
        var envelope = JSONMembers()
        envelope.set("error", json: error.text)
        return Answer(status: status, headers: [("Content-Type", type)], body: .members(envelope))
    }

    /// 401 that asks for a token with other claims (continuous access evaluation).
    static func challenge(_ claims: String, at now: Date, requestID: String) -> Answer {
        var answer = failure(
            401, message: "Continuous access evaluation resulted in challenge.", at: now,
            requestID: requestID)
        let encoded = Data(claims.utf8).base64EncodedString()
        answer.headers.append(
            (
                "WWW-Authenticate",
                #"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", "#
                    + #"client_id="00000003-0000-0000-c000-000000000000", "#
                    + #"error="insufficient_claims", claims="\#(encoded)""#
            ))
        return answer
    }

    private static func unauthorized(_ message: String, at now: Date, requestID: String) -> Answer {
        var answer = failure(401, message: message, at: now, requestID: requestID)
        answer.headers.append(
            (
                "WWW-Authenticate",
                #"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", "#
                    + #"client_id="00000003-0000-0000-c000-000000000000""#
            ))
        return answer
    }
}
