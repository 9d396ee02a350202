/// From an answer to a verdict: a pure decision, in the order of MSAL's own.

enum Classification {
    /// What an answer other than success comes to. The first test that holds decides.
    ///
    /// - Parameters:
    ///   - retryAfter: What a readable `Retry-After` asked for.
    ///   - correlationID: What was sent as `client-request-id`, for answers that name none.
    static func error(
        status: Int, body: [UInt8], retryAfter: Duration?, correlationID: String
    ) -> TokenEndpointError {
        let answer = Answer(
            status: status, retryAfter: retryAfter, details: OAuthErrorBody(body),
            correlationID: correlationID)
        if let early = answer.throttling ?? answer.outage ?? answer.redirect { return early }
        guard let details = answer.details else { return answer.unreadable }
        return answer.refusal(details)
    }

    /// What no complete answer comes to. Sending the same refresh token again is safe: Microsoft
    /// does not revoke it on use.
    static func error(_ error: TransportError, correlationID: String) -> TokenEndpointError {
        TokenEndpointError(
            kind: .transient,
            refusal: Refusal(
                correlationID: correlationID,
                message: "no answer from the token endpoint: \(error.description.sanitized())"),
            isOutage: true, isBrokenConnection: error.isBrokenConnection,
            responsible: error.kind.responsible)
    }

    /// A 2xx without usable tokens. Nothing was stored, and the old refresh token still works.
    static func unreadableSuccess(
        _ malformed: MalformedTokenResponse, status: Int, retryAfter: Duration?,
        correlationID: String
    ) -> TokenEndpointError {
        TokenEndpointError(
            kind: retryAfter == nil ? .transient : .throttled,
            refusal: Refusal(
                status: status, correlationID: correlationID,
                message: "unreadable success from the token endpoint: \(malformed.reason)"),
            retryAfter: retryAfter, responsible: .microsoft)
    }
}

extension TransportError.Kind {
    fileprivate var responsible: Responsible {
        switch self {
        case .unreachable, .timedOut: .network
        case .badBody: .microsoft
        case .untrusted, .local: .operator
        }
    }
}

/// One answer and the tests that are put to it; nil means that a test does not hold.
private struct Answer {
    let status: Int
    let retryAfter: Duration?
    let details: OAuthErrorBody?
    let correlationID: String

    private var isServerError: Bool { status >= 500 }

    /// AADSTS50196 comes as `invalid_grant`, so it has to be found before anything else is believed.
    private var isLoop: Bool {
        guard let details else { return false }
        return details.codes.contains(VerdictTable.loopCode)
            || details.describedCode == VerdictTable.loopCode
    }

    var throttling: TokenEndpointError? {
        if isLoop, !isServerError || retryAfter != nil,
            let loop = VerdictTable.code(VerdictTable.loopCode)
        {
            return error(loop, message: "\(loop.meaning) (AADSTS\(VerdictTable.loopCode))")
        }
        guard status == 429 || retryAfter != nil else { return nil }
        return error(.throttled, message: "the token endpoint asked for a pause (HTTP \(status))")
    }

    var outage: TokenEndpointError? {
        guard isServerError else { return nil }
        return error(.transient, message: "the token endpoint answered HTTP \(status)")
    }

    var redirect: TokenEndpointError? {
        guard 300..<400 ~= status else { return nil }
        return error(
            .transient, message: "the token endpoint's redirect was refused (HTTP \(status))",
            responsible: .operator)
    }

    /// HTML, plain text, nothing: never a proof that a token is dead. It came from something else than a
    /// token endpoint, and a wrong host or path does not pass by itself; a 408 does.
    var unreadable: TokenEndpointError {
        error(
            .transient,
            message: "the token endpoint's answer is not an OAuth error (HTTP \(status))",
            responsible: status == 408 ? nil : .operator)
    }

    func refusal(_ details: OAuthErrorBody) -> TokenEndpointError {
        let bySuberror = details.suberror.flatMap(VerdictTable.suberror)
        let byCode = Self.decisive(details.codes)
        let byError = VerdictTable.error(details.error, codes: details.codes)
        // Anything that nobody has described: no reason to bother a person.
        let unknown = VerdictTable.Entry(
            kind: .transient, meaning: "the token endpoint gave a reason that is not known here")
        let decisive = bySuberror ?? byCode?.entry ?? byError ?? unknown
        // A code says best what happened, if it tells the same story.
        if let byCode, byCode.entry.kind == decisive.kind {
            return error(decisive, message: "\(byCode.entry.meaning) (AADSTS\(byCode.number))")
        }
        let suffix = details.codes.last.map { " (AADSTS\($0))" } ?? ""
        return error(decisive, message: decisive.meaning + suffix)
    }

    /// Microsoft puts the finer code last.
    private static func decisive(
        _ codes: [Int]
    ) -> (number: Int, entry: VerdictTable.Entry)? {
        let telling = Set(codes).count > 1 ? codes.filter { !VerdictTable.isVague($0) } : codes
        for number in telling.reversed() {
            if let entry = VerdictTable.code(number) { return (number, entry) }
        }
        return nil
    }

    private func error(_ entry: VerdictTable.Entry, message: String) -> TokenEndpointError {
        TokenEndpointError(
            kind: entry.kind, refusal: record(message: message),
            retryAfter: entry.pause.map { max($0, retryAfter ?? $0) } ?? retryAfter,
            isOutage: isServerError, isTenantOnly: entry.isTenantOnly,
            isClientWide: entry.isClientWide, isFinal: entry.isFinal,
            isWaitable: entry.pause == nil, patience: entry.patience,
            responsible: entry.responsible,
            claims: details?.claims)
    }

    private func error(
        _ kind: RefusalClass, message: String, responsible: Responsible? = nil
    ) -> TokenEndpointError {
        TokenEndpointError(
            kind: kind, refusal: record(message: message), retryAfter: retryAfter,
            isOutage: isServerError, responsible: responsible, claims: details?.claims)
    }

    private func record(message: String) -> Refusal {
        Refusal(
            error: details.flatMap { Self.name($0.error) },
            suberror: details?.suberror.flatMap(Self.name), codes: details?.codes ?? [],
            status: status, correlationID: details?.correlationID ?? correlationID,
            traceID: details?.traceID, message: message)
    }

    /// Every name that Microsoft uses looks like `invalid_grant`; longer or stranger ones are not
    /// kept, since a confused server may echo what it was sent.
    private static func name(_ text: String) -> String? {
        let isName =
            text.utf8.count <= 64 && !text.isEmpty
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || byte == UInt8(ascii: "_")
            }
        return isName ? text : nil
    }
}
