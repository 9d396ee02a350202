import Testing

@testable import TokenCore

@Suite struct ClassificationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var status = 400
        var body: String
        var retryAfter: Duration?
        let kind: RefusalClass

        init(
            _ description: String, _ kind: RefusalClass, status: Int = 400,
            retryAfter: Duration? = nil, body: String
        ) {
            testDescription = description
            self.status = status
            self.body = body
            self.retryAfter = retryAfter
            self.kind = kind
        }

        var error: TokenEndpointError {
            Classification.error(
                status: status, body: Array(body.utf8), retryAfter: retryAfter,
                correlationID: "sent")
        }
    }

    @Test(arguments: [
        Case("429 without a header", .throttled, status: 429, body: "Too Many Requests"),
        Case(
            "429 beats a dead token", .throttled, status: 429,
            body: #"{"error":"invalid_grant","suberror":"bad_token"}"#),
        Case(
            "Retry-After beats a dead token", .throttled, retryAfter: .seconds(5),
            body: #"{"error":"invalid_grant","suberror":"bad_token"}"#),
        Case("Retry-After of zero too", .throttled, status: 503, retryAfter: .zero, body: ""),
        Case(
            "5xx beats a dead token", .transient, status: 500,
            body: #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50173]}"#),
        Case("HTML", .transient, body: "<html><body>Bad Request</body></html>"),
        Case("HTML with 404", .transient, status: 404, body: "<html>"),
        Case("nothing", .transient, body: ""),
        Case("half an object", .transient, body: #"{"error":"invalid_gr"#),
        Case("an array", .transient, body: #"["invalid_grant"]"#),
        Case("an error that is no text", .transient, body: #"{"error":{"code":"invalid_grant"}}"#),
        Case("the same name twice", .transient, body: #"{"error":"a","error":"invalid_grant"}"#),
        Case("a redirect", .transient, status: 302, body: #"{"error":"invalid_grant"}"#),
        Case(
            "the loop beats its suberror", .throttled,
            body: #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50196]}"#),
        Case(
            "the loop by its text, whatever the codes", .throttled,
            body:
                #"{"error":"invalid_grant","error_codes":[70000],"error_description":"AADSTS50196: x"}"#
        ),
        Case(
            "not a loop: more digits", .reauth,
            body: #"{"error":"invalid_grant","error_description":"AADSTS501960: x"}"#),
        Case(
            "a suberror beats a code", .consent,
            body: #"{"error":"invalid_grant","suberror":"message_only","error_codes":[50076]}"#),
        Case(
            "an unknown suberror does not", .application,
            body: #"{"error":"invalid_grant","suberror":"new_word","error_codes":[7000215]}"#),
        Case(
            "the last code wins", .consent,
            body: #"{"error":"invalid_grant","error_codes":[50076,53003]}"#),
        Case(
            "an unknown code at the end is passed over", .consent,
            body: #"{"error":"invalid_grant","error_codes":[53003,99999]}"#),
        Case(
            "70002 beside another code", .reauth,
            body: #"{"error":"invalid_grant","error_codes":[70002,70008]}"#),
        Case(
            "70002 after another code", .reauth,
            body: #"{"error":"invalid_grant","error_codes":[70008,70002]}"#),
        Case(
            "70002 beside an unknown code", .reauth,
            body: #"{"error":"invalid_grant","error_codes":[70002,99999]}"#),
        Case(
            "70002 alone", .application,
            body: #"{"error":"invalid_client","error_codes":[70002]}"#),
        Case(
            "70002 twice is 70002 alone", .application,
            body: #"{"error":"invalid_grant","error_codes":[70002,70002]}"#),
        Case(
            "a code as text", .application,
            body: #"{"error":"invalid_grant","error_codes":["7000222"]}"#),
        Case(
            "a code by the description only", .consent,
            body: #"{"error":"invalid_grant","error_description":"AADSTS53003: blocked"}"#),
        Case(
            "codes beat the description", .reauth,
            body:
                #"{"error":"invalid_grant","error_codes":[50173],"error_description":"AADSTS53003: x"}"#
        ),
        Case(
            "a code elsewhere in the description counts for nothing", .reauth,
            body: #"{"error":"invalid_grant","error_description":"See AADSTS53003: x"}"#),
        Case(
            "an unknown code falls back to its error", .reauth,
            body: #"{"error":"invalid_grant","error_codes":[99999]}"#),
        Case(
            "a prefix is another code", .request,
            body: #"{"error":"invalid_request","error_codes":[7000]}"#),
        Case(
            "malformed is no dead token", .request,
            body: #"{"error":"invalid_grant","error_codes":[9002313]}"#),
        Case(
            "an unknown error is not for ever", .transient,
            body: #"{"error":"quota_of_the_moon","error_codes":[99999]}"#),
        Case("an empty error is unknown", .transient, body: #"{"error":""}"#),
        Case(
            "a known code under an unknown error", .consent,
            body: #"{"error":"quota_of_the_moon","error_codes":[65001]}"#),
        Case(
            "interaction for an undescribed policy", .consent,
            body: #"{"error":"interaction_required","error_codes":[53009]}"#),
        Case(
            "interaction for a described one", .reauth,
            body: #"{"error":"interaction_required","error_codes":[53004]}"#),
        Case(
            "an undescribed policy under invalid_grant", .reauth,
            body: #"{"error":"invalid_grant","error_codes":[53009]}"#),
        Case(
            "an unknown tenant", .application,
            body: #"{"error":"invalid_request","error_codes":[90002]}"#),
    ])
    func `the first test that holds decides`(_ answer: Case) {
        #expect(answer.error.kind == answer.kind)
    }

    @Test(arguments: [
        (Duration?.none, Duration.seconds(300)), (.seconds(60), .seconds(300)),
        (.seconds(900), .seconds(900)),
    ])
    func `a loop pauses for five minutes or longer and is not waited for`(
        asked: Duration?, expected: Duration
    ) {
        let error = Case(
            "", .throttled, retryAfter: asked,
            body: #"{"error":"invalid_grant","error_codes":[50196]}"#
        ).error
        #expect(error.retryAfter == expected)
        #expect(!error.isWaitable)
        #expect(!error.isTenantOnly)
    }

    @Test func `a 429 that tells no time leaves the pause open`() {
        let error = Case("", .throttled, status: 429, body: "").error
        #expect(error.retryAfter == nil)
        #expect(error.isWaitable)
        #expect(!error.isOutage)
    }

    @Test(arguments: [500, 502, 503, 504, 599])
    func `a server error says nothing about the connection`(_ status: Int) {
        #expect(Case("", .transient, status: status, body: "").error.isOutage)
        #expect(Case("", .throttled, status: status, retryAfter: .zero, body: "").error.isOutage)
    }

    @Test(arguments: [
        ("bad_token", true), ("token_expired", true), ("basic_action", false), ("", false),
    ])
    func `only two suberrors are final`(suberror: String, isFinal: Bool) {
        let body = #"{"error":"invalid_grant","suberror":"\#(suberror)"}"#
        #expect(Case("", .reauth, body: body).error.isFinal == isFinal)
    }

    @Test(arguments: VerdictFact.all + VerdictFact.families)
    func `a code alone decides, whatever the error`(_ fact: VerdictFact) {
        for name in ["invalid_grant", "never_heard_of"] {
            let error = Case(
                "", fact.kind, body: #"{"error":"\#(name)","error_codes":[\#(fact.code)]}"#
            ).error
            #expect(error.kind == fact.kind)
            #expect(error.isTenantOnly == fact.isTenantOnly)
            #expect(error.refusal.message.hasSuffix(" (AADSTS\(fact.code))"))
            #expect(error.refusal.codes == [fact.code])
            #expect(!error.isFinal)
            #expect(error.isWaitable == (fact.code != 50196))
        }
    }

    @Test(arguments: [
        (
            #"{"error":"invalid_grant","error_codes":[50076]}"#,
            "the user must satisfy multi-factor authentication (AADSTS50076)"
        ),
        (
            #"{"error":"invalid_grant","suberror":"bad_token","error_codes":[50173]}"#,
            "the sign-in was revoked by the user or an admin (AADSTS50173)"
        ),
        (
            #"{"error":"invalid_grant","suberror":"message_only","error_codes":[50076]}"#,
            "a policy of the directory blocks this sign-in (AADSTS50076)"
        ),
        (#"{"error":"invalid_scope"}"#, "the configured scopes were refused"),
    ])
    func `the message says who must do what`(body: String, message: String) {
        #expect(Case("", .reauth, body: body).error.refusal.message == message)
    }

    @Test(arguments: [
        (RefusalClass.reauth, Responsible.user, #"{"error":"invalid_grant"}"#),
        (.consent, .tenantAdmin, #"{"error":"consent_required"}"#),
        (.application, .applicationOwner, #"{"error":"invalid_client"}"#),
        (.request, .operator, #"{"error":"invalid_request"}"#),
        (.throttled, .microsoft, #"{"error":"invalid_grant","error_codes":[90055]}"#),
        (.transient, .operator, "<html>"),
        (.transient, .microsoft, #"{"error":"temporarily_unavailable"}"#),
        (.transient, .applicationOwner, #"{"error":"invalid_client","error_codes":[70021]}"#),
    ])
    func `somebody is named who can act`(kind: RefusalClass, who: Responsible, body: String) {
        let error = Case("", kind, body: body).error
        #expect(error.kind == kind)
        #expect(error.responsible == who)
    }

    @Test(arguments: [
        (TransportError.Kind.unreachable, Responsible.network), (.timedOut, .network),
        (.badBody, .microsoft), (.untrusted, .operator), (.local, .operator),
    ])
    func `no answer is an outage`(kind: TransportError.Kind, who: Responsible) {
        let error = Classification.error(
            TransportError(kind: kind, code: 7, message: "could not\nconnect"),
            correlationID: "sent")
        #expect(error.kind == .transient)
        #expect(error.isOutage)
        #expect(error.responsible == who)
        #expect(error.refusal.status == nil)
        #expect(error.refusal.correlationID == "sent")
        #expect(
            error.refusal.message == "no answer from the token endpoint: could not?connect (curl 7)"
        )
    }

    @Test func `what Microsoft's support asks for is kept`() {
        let error = Case(
            "", .reauth,
            body: """
                {"error":"invalid_grant","suberror":"basic_action","error_codes":[50079,"50076"],
                 "error_description":"AADSTS50076: alice@example.com must … Trace ID: …\\r\\n",
                 "trace_id":"11111111-2222-3333-4444-555555550100","timestamp":7,
                 "correlation_id":"66666666-7777-8888-9999-00000000004A",
                 "claims":"{\\"access_token\\":{\\"capolids\\":{}}}"}
                """
        ).error
        #expect(
            error.refusal
                == Refusal(
                    error: "invalid_grant", suberror: "basic_action", codes: [50079, 50076],
                    status: 400, correlationID: "66666666-7777-8888-9999-00000000004A",
                    traceID: "11111111-2222-3333-4444-555555550100",
                    message: "the user must satisfy multi-factor authentication (AADSTS50076)"))
        #expect(error.claims == #"{"access_token":{"capolids":{}}}"#)
    }

    @Test(arguments: [
        #""correlation_id":"canary""#, #""trace_id":"canary-canary-canary-canary""#,
        #""suberror":"Bearer canary""#, #""claims":"canary""#, #""claims":["canary"]"#,
        #""error_codes":["canary"]"#, #""error_description":"AADSTS70000: canary""#,
        #""error_uri":"https://canary""#, #""canary":"canary""#,
    ])
    func `nothing unexpected is kept`(_ member: String) {
        let error = Case("", .reauth, body: #"{"error":"invalid_grant",\#(member)}"#).error
        #expect(error.kind == .reauth)
        #expect(!String(reflecting: error).contains("canary"))
        #expect(error.refusal.correlationID == "sent")
    }

    @Test(arguments: [
        #"{"error":"eyJ0eXAi.canary"}"#, #"{"error":"Canary Wharf"}"#, "<p>canary</p>",
        #""canary""#,
    ])
    func `an answer that is out of its mind is not quoted`(_ body: String) {
        let error = Case("", .transient, body: body).error
        #expect(error.kind == .transient)
        #expect(!String(reflecting: error).lowercased().contains("canary"))
    }

    @Test(arguments: [
        ("[53003]", [53003]), ("[\"53003\", 50076]", [53003, 50076]), ("[]", [70000]),
        ("[53003.5, -1, true, null, [1], \"1e3\", \"\", 99999999999999999999]", [70000]),
        ("53003", [70000]), ("null", [70000]), ("[0]", [70000]),
    ])
    func `only whole numbers are codes`(list: String, codes: [Int]) throws {
        let body = #"{"error":"e","error_codes":\#(list),"error_description":"AADSTS70000: x"}"#
        #expect(try #require(OAuthErrorBody(Array(body.utf8))).codes == codes)
    }
}
