/// The first step of an enrolment by device code: ask the authority for a code (RFC 8628 §3.1).

internal import FoundationEssentials

extension TokenEndpoint {
    /// Sends one form-encoded `POST` and never retries. A client secret is not sent: Microsoft asks for it
    /// where the code is redeemed, not here.
    /// - Parameter scope: With `offline_access`, or no refresh token will come.
    func requestDeviceCode(scope: String) async -> Result<DeviceAuthorization, TokenEndpointError> {
        let correlationID = RandomID.make()
        let form = HTTPForm([
            ("client_id", Secret(registration.clientID)), ("scope", Secret(scope)),
        ])
        let request = HTTPRequest(
            method: .post(form: form), url: registration.authority.deviceCodeEndpoint,
            headers: Self.headers(correlationID: correlationID))
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await http.send(request)
        } catch {
            return .failure(Classification.error(error, correlationID: correlationID))
        }
        let serverTime = response.headers["date"].flatMap(HTTPDate.parse) ?? now()
        return response.decoded(
            serverTime: serverTime, correlationID: correlationID, by: DeviceAuthorization.decode)
    }
}
