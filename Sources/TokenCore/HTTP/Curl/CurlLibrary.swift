/// libcurl in memory, started once in a process and not before the first request: most runs send none.

internal import CCurl
internal import Glibc

typealias CurlLibrary = ccurl_library

extension CurlLibrary {
    static let shared: Result<CurlLibrary, TransportError> = {
        guard let curl = ccurl_load()?.pointee else {
            let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
            return .failure(
                TransportError(
                    kind: .local,
                    message: "libcurl can't be loaded (\(reason)): install libcurl 7.85 or newer"))
        }
        let code = curl.global_init(Int(CURL_GLOBAL_DEFAULT))
        guard code == CURLE_OK else {
            return .failure(
                TransportError(
                    kind: .local, code: Int(code.rawValue),
                    message: "libcurl can't start: \(String(cString: ccurl_error_text(curl, code)))"
                ))
        }
        return .success(curl)
    }()

    /// Whether this libcurl was built with a PEM bundle that is there (curl_version_info(3)).
    static let hasSystemBundle: Bool = {
        guard case .success(let curl) = shared,
            let bundle = ccurl_version(curl)?.pointee.cainfo
        else { return false }
        return FilePaths.canRead(String(cString: bundle))
    }()
}
