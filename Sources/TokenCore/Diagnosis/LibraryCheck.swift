/// What requests need of this machine: libcurl, the certificates that it believes, and descriptors.

struct LibraryCheck {
    let configuration: Configuration
    let requestsInFlight: Int

    var findings: [CheckupFinding] { library + descriptors }

    private var library: [CheckupFinding] {
        switch CurlLibrary.facts {
        case .failure(let error):
            return [
                CheckupFinding(
                    .library, .problem(.transient), error.message.sanitized(),
                    why: "no request can be sent", remedy: "`apt-get install libcurl4`")
            ]
        case .success(let curl):
            var findings = [CheckupFinding(.library, .ok, "libcurl \(curl.version) with HTTP/2")]
            if !curl.hasHTTP2 {
                findings = [
                    CheckupFinding(
                        .library, .warning, "libcurl \(curl.version) has no HTTP/2",
                        why: "each request in flight needs a connection of its own",
                        remedy: "install a libcurl that was built with nghttp2")
                ]
            }
            return findings + certificates(curl)
        }
    }

    private func certificates(_ curl: CurlFacts) -> [CheckupFinding] {
        // What is wrong with a file that is named, the look at the settings has told.
        if let file = configuration.certificateFile, !CertificateBundle.isUsable(file) { return [] }
        let places = [configuration.certificateFile ?? curl.bundle, curl.certificateDirectory]
        guard let place = places.compactMap({ $0 }).first(where: FilePaths.canRead) else {
            return [
                CheckupFinding(
                    .library, .problem(.transient), "there are no CA certificates",
                    why: "no server can be trusted, so no request is sent",
                    remedy: "`apt-get install ca-certificates`, or set TEAMS_CA_FILE")
            ]
        }
        return [CheckupFinding(.library, .ok, "servers are trusted by \(place.sanitized())")]
    }

    private var descriptors: [CheckupFinding] {
        let wanted = configuration.concurrency
        guard requestsInFlight < wanted else { return [] }
        return [
            CheckupFinding(
                .machine, .warning,
                "TEAMS_CONCURRENCY is \(wanted), and this process may have \(requestsInFlight) connections",
                why: "passes take longer than planned",
                remedy: "raise the limit (`ulimit -n`, or LimitNOFILE= of the service)")
        ]
    }
}
