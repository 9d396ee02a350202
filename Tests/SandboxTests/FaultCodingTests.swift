import Foundation
import SandboxKit
import Testing

struct FaultCodingTests {
    static let examples: [(String, Fault)] = [
        (
            #"{"kind":"oauth_error","error":"invalid_grant","suberror":"bad_token","codes":[50173]}"#,
            Fault(.refused("invalid_grant", suberror: "bad_token", codes: [50_173]))
        ),
        (
            #"{"kind":"status","status":429,"retry_after":7,"count":2}"#,
            Fault(.status(429, retryAfter: .seconds(7)), count: 2)
        ),
        (
            #"{"kind":"status","status":503,"retry_after_date":60,"text":""}"#,
            Fault(.status(503, retryAfter: .date(secondsFromNow: 60), text: ""))
        ),
        (
            #"{"kind":"status","status":403,"code":"accessDenied","endpoint":"graph"}"#,
            Fault(.status(403, code: "accessDenied"), endpoint: .graph)
        ),
        (#"{"kind":"html","status":502}"#, Fault(.html(status: 502))),
        (
            #"{"kind":"slow","milliseconds":50,"endpoint":"device_code"}"#,
            Fault(.slow(milliseconds: 50), endpoint: .deviceCode)
        ),
        (#"{"kind":"cut","point":"before_headers"}"#, Fault(.cut(.beforeHeaders))),
        (#"{"kind":"cut","point":"mid_body"}"#, Fault(.cut(.midBody))),
        (#"{"kind":"truncated"}"#, Fault(.truncated)),
        (#"{"kind":"wrong_length","by":10}"#, Fault(.wrongLength(by: 10))),
        (#"{"kind":"huge","bytes":2000000}"#, Fault(.huge(bytes: 2_000_000))),
        (#"{"kind":"field","name":"expires_in","json":"0"}"#, Fault(.expiresIn("0"))),
        (#"{"kind":"field","name":"refresh_token"}"#, Fault(.withoutRefreshToken)),
        (#"{"kind":"date_offset","seconds":-7200}"#, Fault(.dateOffset(seconds: -7200))),
        (
            #"{"kind":"claims_challenge","claims":"{}","endpoint":"graph"}"#,
            Fault(.claimsChallenge(claims: "{}"), endpoint: .graph)
        ),
    ]

    @Test(arguments: examples)
    func `a fault reads as documented and survives being written`(json: String, fault: Fault) throws
    {
        #expect(try JSONDecoder().decode(Fault.self, from: Data(json.utf8)) == fault)
        let again = try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault))
        #expect(again == fault)
    }

    @Test(arguments: [#"{"kind":"no_such"}"#, #"{"kind":"html"}"#, #"{"status":500}"#])
    func `an unknown or incomplete fault is refused`(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Fault.self, from: Data(json.utf8))
        }
    }

    @Test func `a script may hold faults, a device login or both`() throws {
        let json = #"{"faults":{"7":[{"kind":"truncated"}]},"device_login":{"outcome":"declined"}}"#
        let script = try JSONDecoder().decode(SandboxScript.self, from: Data(json.utf8))
        #expect(script.faults == ["7": [Fault(.truncated)]])
        #expect(script.deviceLogin == DeviceLogin(outcome: .declined))
        let empty = try JSONDecoder().decode(SandboxScript.self, from: Data("{}".utf8))
        #expect(empty == SandboxScript())
    }
}
