/// The way to both hosts: names, connections, TLS, the tenant, and whose clock is right. No token is sent.

internal import FoundationEssentials

struct NetworkCheck {
    let authority: Authority
    let graphURL: String
    let http: any HTTPClient
    let now: @Sendable () -> Date

    func findings() async -> [CheckupFinding] {
        let (authorityFindings, skew) = await askAuthority()
        return authorityFindings + [await askGraph()] + [skew].compactMap { $0 }
    }

    private func askAuthority() async -> ([CheckupFinding], skew: CheckupFinding?) {
        let sentAt = now()
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await http.send(
                HTTPRequest(method: .get, url: authority.metadataEndpoint))
        } catch {
            return ([unreachable(authority.base, error)], nil)
        }
        let found: CheckupFinding =
            switch response.status {
            case 200 where tokenEndpoint(response.body) != nil:
                CheckupFinding(.network, .ok, "\(authority.base) answers, and knows the tenant")
            case 200:
                CheckupFinding(
                    .network, .problem(.transient),
                    "\(authority.base) answers with something else than OpenID metadata",
                    why: "a proxy or a portal stands in the way",
                    remedy: "look at it: `curl -sS \(authority.metadataEndpoint)`")
            case 400, 404:
                CheckupFinding(
                    .network, .problem(.config),
                    "\(authority.base) does not know the tenant \(authority.tenant.sanitized(limit: 64))",
                    why: "every refresh would be refused",
                    remedy: "correct TEAMS_TENANT_ID (the directory's GUID or one of its domains)")
            default:
                CheckupFinding(
                    .network, .problem(.transient),
                    "\(authority.base) answers with HTTP \(response.status)",
                    why: "refreshes will probably fail the same way",
                    remedy: "try again later: `curl -sSI \(authority.metadataEndpoint)`")
            }
        return ([found], skew(response, sentAt))
    }

    private func tokenEndpoint(_ body: [UInt8]) -> String? {
        (try? JSONValue(parsing: body))?.object?["token_endpoint"]?.string
    }

    /// Without a token Graph refuses, and that is answer enough.
    private func askGraph() async -> CheckupFinding {
        do throws(TransportError) {
            let response = try await http.send(HTTPRequest(method: .get, url: "\(graphURL)/me"))
            guard response.status < 500 else {
                return CheckupFinding(
                    .network, .warning, "\(graphURL) answers with HTTP \(response.status)",
                    why: "--test-api will fail; refreshes don't need it",
                    remedy: "try again later: `curl -sSI \(graphURL)/me`")
            }
            return CheckupFinding(.network, .ok, "\(graphURL) answers")
        } catch {
            return unreachable(graphURL, error)
        }
    }

    private func unreachable(_ url: String, _ error: TransportError) -> CheckupFinding {
        CheckupFinding(
            .network, .problem(.transient), "\(url): \(error.description.sanitized())",
            why: error.kind == .untrusted
                ? "a server that is not trusted gets no token: TLS is broken, or somebody reads along"
                : "no token can be refreshed while it can't be reached",
            remedy: error.kind == .untrusted
                ? "check TEAMS_CA_FILE, the CA certificates and the proxy: `curl -v \(url)/`"
                : "check name service, firewall and https_proxy: `curl -v \(url)/`")
    }

    private func skew(_ response: HTTPResponse, _ sentAt: Date) -> CheckupFinding? {
        guard let text = response.headers["date"], let date = HTTPDate.parse(text) else {
            return nil
        }
        let seconds = TokenEndpoint.skew(of: date, between: sentAt, and: now()).seconds
        guard abs(seconds) > 60 else {
            return CheckupFinding(.machine, .ok, "this machine's clock agrees with the server's")
        }
        let words = RelativeTime.words(seconds: abs(seconds))
        return CheckupFinding(
            .machine, .warning,
            "this machine's clock is \(words) \(seconds > 0 ? "behind" : "ahead of") the server's",
            why: "what is due is judged by this clock, and so are the times in the table",
            remedy: "`timedatectl set-ntp true`")
    }
}
