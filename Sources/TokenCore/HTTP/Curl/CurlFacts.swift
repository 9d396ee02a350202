/// What libcurl says of itself (curl_version_info(3)).

internal import CCurl

struct CurlFacts: Sendable {
    let version: String
    let hasHTTP2: Bool
    /// The PEM bundle that it was built with.
    let bundle: String?
    let certificateDirectory: String?
}

extension CurlLibrary {
    static var facts: Result<CurlFacts, TransportError> {
        shared.map { curl in
            guard let information = ccurl_version(curl)?.pointee else {
                return CurlFacts(
                    version: "of no version", hasHTTP2: false, bundle: nil,
                    certificateDirectory: nil)
            }
            let text = { (pointer: UnsafePointer<CChar>?) in pointer.map { String(cString: $0) } }
            return CurlFacts(
                version: text(information.version) ?? "of no version",
                hasHTTP2: Int(information.features) & Int(CURL_VERSION_HTTP2) != 0,
                bundle: text(information.cainfo), certificateDirectory: text(information.capath))
        }
    }
}
