import FoundationEssentials
import NIOHTTP1

/// From a request to an answer and to how that answer is to be delivered; knows nothing of sockets.
struct Service: Sendable {
    let configuration: SandboxConfiguration
    let ledger: Ledger

    /// An answer with its complete headers, and what is to happen to it on its way.
    struct Reply {
        var answer: Answer
        var disturbance = Disturbance()
        var delay = Duration.zero
        /// For ``Ledger/finish(_:status:)``; `nil` when the request is not recorded.
        var number: Int?
    }

    /// - Parameter baseURL: Where this server is reached; appears in metadata.
    func reply(to request: Request, baseURL: String) -> Reply {
        let route = Route(path: request.path)
        if case .control(let resource) = route {
            let answer = ControlEndpoint(ledger: ledger).answer(request, resource: resource)
            return Reply(answer: dated(answer, configuration.now()))
        }
        let now = configuration.now()
        let form = FormFields(request.body)
        let user = user(of: route, request, form)
        var reply = Reply(answer: .html(status: 404))
        reply.number = ledger.begin(record(request, route, form, user: user, at: now))
        if let endpoint = route.endpoint {
            reply.disturbance = ledger.disturb(endpoint, user: user)
        }
        reply.delay = configuration.latency + .milliseconds(reply.disturbance.delayMilliseconds)

        let clientRequestID = request.headers.first(name: "client-request-id")
        let ids = IDs(
            request: TokenText.randomGUID(), correlation: clientRequestID ?? TokenText.randomGUID())
        if let effect = reply.disturbance.replacement {
            reply.answer = replacement(effect, at: route, ids, now)
        } else {
            reply.answer = regular(route, request, form, ids, baseURL: baseURL, now)
            if reply.answer.status == 200, case .members(var members) = reply.answer.body {
                for field in reply.disturbance.fields { members.set(field.name, json: field.json) }
                reply.answer.body = .members(members)
            }
        }
        reply.answer.headers += headers(of: route, ids, clientRequestID, request)
        let apparentNow = now.addingTimeInterval(Double(reply.disturbance.dateOffset))
        reply.answer = dated(reply.answer, apparentNow)
        return reply
    }

    private struct IDs {
        var request: String
        var correlation: String
    }

    private func user(of route: Route, _ request: Request, _ form: FormFields) -> String? {
        switch route {
        case .token: tokenEndpoint.user(in: form)
        case .deviceCode: ledger.script.deviceLogin?.user
        case .me: GraphEndpoint.claims(in: request.headers)?.sub
        case .metadata, .control, .unknown: nil
        }
    }

    private var tokenEndpoint: TokenEndpoint {
        TokenEndpoint(configuration: configuration, ledger: ledger)
    }

    private func record(
        _ request: Request, _ route: Route, _ form: FormFields, user: String?, at now: Date
    ) -> RecordedRequest {
        RecordedRequest(
            receivedAt: now, method: request.method, path: request.path, endpoint: route.endpoint,
            user: user, grantType: form["grant_type"], fields: form.names, scope: form["scope"],
            claims: form["claims"],
            clientRequestID: request.headers.first(name: "client-request-id"),
            clientPort: request.clientPort)
    }

    private func regular(
        _ route: Route, _ request: Request, _ form: FormFields, _ ids: IDs, baseURL: String,
        _ now: Date
    ) -> Answer {
        do throws(OAuthFailure) {
            switch route {
            case .token(let tenant):
                guard request.method == "POST" else { throw .wrongMethod(request.method) }
                return .json(
                    try tokenEndpoint.redeem(
                        form, headers: request.headers, tenant: tenant, at: now))
            case .deviceCode:
                guard request.method == "POST" else { throw .wrongMethod(request.method) }
                return .json(try tokenEndpoint.deviceCode(form, at: now))
            case .metadata(let tenant):
                return MetadataEndpoint.answer(tenant: tenant, baseURL: baseURL)
            case .me:
                return GraphEndpoint.me(request.headers, at: now, requestID: ids.request)
            case .control, .unknown:
                return .html(status: 404)
            }
        } catch {
            return refusal(error, ids, now)
        }
    }

    private func refusal(_ failure: OAuthFailure, _ ids: IDs, _ now: Date) -> Answer {
        .json(
            failure.members(at: now, traceID: ids.request, correlationID: ids.correlation),
            status: failure.status)
    }

    private func replacement(
        _ effect: Fault.Effect, at route: Route, _ ids: IDs, _ now: Date
    ) -> Answer {
        switch effect {
        case .oauthError(let failure): return refusal(failure, ids, now)
        case .html(let status): return .html(status: status)
        case .claimsChallenge(let claims):
            return GraphEndpoint.challenge(claims, at: now, requestID: ids.request)
        case .status(let status, let retryAfter, let code, let text):
            var answer = bare(status, code: code, at: route, ids, now)
            if let text { answer = .plain(text, status: status) }
            switch retryAfter {
            case .seconds(let seconds): answer.headers.append(("Retry-After", String(seconds)))
            case .date(let seconds):
                let date = Timestamp(now.addingTimeInterval(Double(seconds))).httpDate
                answer.headers.append(("Retry-After", date))
            case nil: break
            }
            return answer
        default: preconditionFailure("\(effect) replaces no answer")
        }
    }

    /// A status with the body that its endpoint usually gives it.
    private func bare(
        _ status: Int, code: String?, at route: Route, _ ids: IDs, _ now: Date
    ) -> Answer {
        switch (route, status) {
        case (.me, _): GraphEndpoint.failure(status, code: code, at: now, requestID: ids.request)
        case (_, 429): .plain("Too Many Requests", status: status)
        case (_, 503):
            refusal(
                OAuthFailure("temporarily_unavailable", codes: [90_033], status: status), ids, now)
        case (_, 500...): refusal(OAuthFailure("server_error", status: status), ids, now)
        default: .plain("", status: status)
        }
    }

    private func headers(
        of route: Route, _ ids: IDs, _ clientRequestID: String?, _ request: Request
    ) -> [(name: String, value: String)] {
        if route == .me {
            return [
                ("Cache-Control", "no-cache"), ("request-id", ids.request),
                ("client-request-id", clientRequestID ?? ids.request),
                ("x-ms-ags-diagnostic", #"{"ServerInfo":{"DataCenter":"Sandbox","Ring":"1"}}"#),
            ]
        }
        var headers: [(name: String, value: String)] = [
            ("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
            ("X-Content-Type-Options", "nosniff"), ("x-ms-request-id", ids.request),
            ("x-ms-ests-server", "2.1.0 - SANDBOX"),
        ]
        if let clientRequestID, request.headers.first(name: "return-client-request-id") == "true" {
            headers.append(("client-request-id", clientRequestID))
        }
        return headers
    }

    private func dated(_ answer: Answer, _ now: Date) -> Answer {
        var answer = answer
        answer.headers.append(("Date", Timestamp(now).httpDate))
        return answer
    }
}
