/// One transfer at a time: owns the easy handle and every buffer libcurl points into, and is used by
/// the transfer thread only. Reused for the next request, which saves 10 MB at 500 in flight.

internal import CCurl

final class EasyHandle {
    private let curl: CurlLibrary
    let handle: UnsafeMutableRawPointer
    /// Held so that they outlive the handle.
    private let sessions: SessionCache
    private let sockets: ConnectionSockets
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private let headerList = HeaderList()
    /// The URL that the handle is set to, so that it is not copied anew for each request.
    private var url = ""
    private var body: [UInt8] = []
    private var isOversized = false
    private var onReceipt: (@Sendable (Int, [UInt8]) -> Void)?
    /// Bytes of the body that were told of.
    private var reportedCount = -1
    private var completion: HTTPCompletion?

    /// - Throws: ``TransportError`` of kind `local` when libcurl has no memory left or refuses an option.
    init(
        _ curl: CurlLibrary, settings: CurlSettings, sessions: SessionCache,
        sockets: ConnectionSockets
    ) throws(TransportError) {
        guard let handle = curl.easy_init() else {
            throw TransportError(kind: .local, message: "libcurl has no memory left")
        }
        self.curl = curl
        self.handle = handle
        self.sessions = sessions
        self.sockets = sockets
        // libcurl keeps the pointer for the life of the handle.
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try apply(settings)
        try sessions.apply(to: self)
        try sockets.watch(self)
    }

    deinit {
        curl.easy_cleanup(handle)
        errorBuffer.deallocate()
    }

    /// Points the handle at a request.
    /// - Throws: ``TransportError`` of kind `local` when libcurl refuses an option.
    func prepare(
        _ request: HTTPRequest, completion: @escaping HTTPCompletion
    ) throws(TransportError) {
        body = []
        isOversized = false
        errorBuffer[0] = 0
        onReceipt = request.onReceipt
        reportedCount = -1
        if url != request.url {
            try set(CURLOPT_URL, request.url)
            // Rather wait for a connection that can carry many streams than open another. Without TLS there is
            // none, and an answer that never comes would keep the others waiting.
            try set(CURLOPT_PIPEWAIT, request.url.hasPrefix("https:") ? 1 : 0)
            url = request.url
        }
        try apply(request)
        // Last: only a handle that will run owes an answer.
        self.completion = completion
    }

    private func apply(_ settings: CurlSettings) throws(TransportError) {
        try set(CURLOPT_NOSIGNAL, 1)
        // libcurl would take 80 KB for each request in flight, of which it uses 8: 36 MB for 500.
        try set(CURLOPT_BUFFERSIZE, 8 << 10)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROTOCOLS_STR, settings.allowsPlainHTTP ? "http,https" : "https")
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, Int(settings.requestTimeout.milliseconds))
        try set(CURLOPT_USERAGENT, settings.userAgent)
        try settings.trust.apply(to: self)
        try set(CURLOPT_ERRORBUFFER, errorBuffer)
        try set(CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
        try check(
            ccurl_set_write_callback(curl, handle) { bytes, size, count, context in
                Unmanaged<EasyHandle>.fromOpaque(context!).takeUnretainedValue()
                    .received(UnsafeRawBufferPointer(start: bytes, count: size * count))
            })
    }

    private func apply(_ request: HTTPRequest) throws(TransportError) {
        try check(ccurl_set_headers(curl, handle, headerList.hold(request.headers)))
        switch request.method {
        case .get:
            try set(CURLOPT_HTTPGET, 1)
        case .post(let form):
            var encoded = form.encoded
            try set(CURLOPT_POST, 1)
            try set(CURLOPT_POSTFIELDSIZE, encoded.count)
            try check(
                encoded.withUnsafeMutableBytes { buffer in
                    ccurl_set_pointer(curl, handle, CURLOPT_COPYPOSTFIELDS, buffer.baseAddress)
                })
        }
    }

    func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(ccurl_set_long(curl, handle, option, value))
    }

    func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
        try check(ccurl_set_string(curl, handle, option, value))
    }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(TransportError) {
        try check(ccurl_set_pointer(curl, handle, option, value))
    }

    func setSocketCallbacks(
        opened: curl_sockopt_callback, closed: curl_closesocket_callback
    ) throws(TransportError) {
        try check(ccurl_set_socket_callbacks(curl, handle, opened, closed))
    }

    private func check(_ code: CURLcode) throws(TransportError) {
        guard code == CURLE_OK else {
            throw TransportError(
                kind: .local, code: Int(code.rawValue),
                message: String(cString: ccurl_error_text(curl, code)))
        }
    }

    /// The write callback: fewer bytes taken than given end the transfer with `CURLE_WRITE_ERROR`.
    private func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= AnswerLimit.bodySize else {
            isOversized = true
            return 0
        }
        body.append(contentsOf: bytes)
        if onReceipt != nil, looksComplete { reportReceipt() }
        return bytes.count
    }

    /// Whether these may be the last bytes. A chunked answer announces no length, and libcurl looks at all
    /// other transfers before it tells of the end: a JSON object can't end before its last brace.
    private var looksComplete: Bool {
        var announced: curl_off_t = -1
        _ = ccurl_get_offset(curl, handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
        return announced < 0 ? body.last == UInt8(ascii: "}") : announced == curl_off_t(body.count)
    }

    /// Tells whoever must not lose this answer, once for each length.
    private func reportReceipt() {
        guard reportedCount != body.count else { return }
        reportedCount = body.count
        onReceipt?(status, body)
    }

    /// Whether other requests could share the connection of the one that has ended.
    var isMultiplexed: Bool {
        var version = 0
        _ = ccurl_get_long(curl, handle, CURLINFO_HTTP_VERSION, &version)
        return version >= Int(CURL_HTTP_VERSION_2_0)
    }

    private var status: Int {
        var status = 0
        _ = ccurl_get_long(curl, handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// Ends the transfer with libcurl's result and tells whoever waits for it.
    func finish(_ code: CURLcode) {
        guard let completion else { return }
        self.completion = nil
        defer { onReceipt = nil }
        guard code == CURLE_OK else { return completion(.failure(failure(code))) }
        reportReceipt()
        let response = HTTPResponse(status: status, body: body, headers: headersRead())
        body = []
        completion(.success(response))
    }

    private func headersRead() -> [String: String] {
        var headers: [String: String] = [:]
        for name in HTTPLimits.headersRead {
            var joined: String?
            var found: UnsafeMutablePointer<curl_header>?
            var count = 0
            while count < 8,
                curl.easy_header(handle, name, count, UInt32(CURLH_HEADER), -1, &found)
                    == CURLHE_OK,
                let header = found
            {
                let value = String(cString: header.pointee.value)
                joined = joined.map { "\($0), \(value)" } ?? value
                count += 1
            }
            headers[name] = joined
        }
        return headers
    }

    /// With a connection made, an "unsupported protocol" is an answer that is no HTTP, and a "lack of
    /// memory" a header beyond libcurl's bound: the server's doing, not this machine's.
    private func kind(_ code: CURLcode) -> TransportError.Kind {
        var port = 0
        guard code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_OUT_OF_MEMORY,
            ccurl_get_long(curl, handle, CURLINFO_PRIMARY_PORT, &port) == CURLE_OK,
            port != 0
        else { return TransportError.Kind(code) }
        return .badBody
    }

    private func failure(_ code: CURLcode) -> TransportError {
        if isOversized {
            return TransportError(
                kind: .badBody, code: Int(code.rawValue),
                message: "the answer is longer than \(AnswerLimit.bodySize) bytes")
        }
        let own = String(cString: errorBuffer)
        return TransportError(
            kind: kind(code), code: Int(code.rawValue),
            message: (own.isEmpty ? String(cString: ccurl_error_text(curl, code)) : own).sanitized()
        )
    }
}

extension TransportError.Kind {
    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
                .untrusted
            case CURLE_PARTIAL_FILE, CURLE_WRITE_ERROR, CURLE_WEIRD_SERVER_REPLY: .badBody
            case CURLE_SSL_CACERT_BADFILE, CURLE_OUT_OF_MEMORY, CURLE_UNSUPPORTED_PROTOCOL,
                CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_FAILED_INIT:
                .local
            default: .unreachable
            }
    }
}
