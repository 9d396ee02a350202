/// What the authority hands out for a device code: what the user is told, what the client keeps to itself,
/// and for how long (RFC 8628 §3.2).

struct DeviceAuthorization: Equatable, Sendable {
    let deviceCode: Secret
    /// To be entered by the user; not to be logged.
    let userCode: String
    let verificationURI: String
    let lifetime: Duration
    /// Between two polls, unless the server asks for more.
    let interval: Duration

    /// - Throws: when there is no JSON object, or a required member is missing.
    static func decode(_ body: [UInt8]) throws(MalformedTokenResponse) -> DeviceAuthorization {
        guard let fields = (try? JSONValue(parsing: body))?.object else {
            throw MalformedTokenResponse(reason: "it is not a JSON object")
        }
        func text(_ name: String) throws(MalformedTokenResponse) -> String {
            guard let text = fields[name]?.string, !text.isEmpty else {
                throw MalformedTokenResponse(reason: "it has no usable \(name)")
            }
            return text
        }
        guard let lifetime = seconds(fields["expires_in"], in: 1...longestLifetime) else {
            throw MalformedTokenResponse(reason: "it has no usable expires_in")
        }
        return DeviceAuthorization(
            deviceCode: Secret(try text("device_code")), userCode: try text("user_code"),
            verificationURI: try text("verification_uri"), lifetime: lifetime,
            interval: seconds(fields["interval"], in: 1...longestInterval) ?? .seconds(5))
    }

    /// A day; Microsoft's codes live for 15 minutes.
    private static let longestLifetime = 86_400.0
    private static let longestInterval = 300.0

    private static func seconds(_ value: JSONValue?, in range: ClosedRange<Double>) -> Duration? {
        guard let numeral = value?.numeral, let seconds = Double(numeral), range.contains(seconds)
        else { return nil }
        return .seconds(Int64(seconds))
    }
}
