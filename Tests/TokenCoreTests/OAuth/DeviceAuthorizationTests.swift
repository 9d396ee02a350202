import Testing

@testable import TokenCore

struct DeviceAuthorizationTests {
    private static let usual =
        #""device_code":"dc","user_code":"ABC","verification_uri":"https://microsoft.com/devicelogin""#

    private func decode(_ members: String) throws -> DeviceAuthorization {
        try DeviceAuthorization.decode(Array("{\(members)}".utf8))
    }

    @Test func `a reply is read, and its code never prints itself`() throws {
        let reply = try decode(
            Self.usual + #","expires_in":900,"interval":7,"message":"To sign in…""#)
        #expect(
            reply
                == DeviceAuthorization(
                    deviceCode: Secret("dc"), userCode: "ABC",
                    verificationURI: "https://microsoft.com/devicelogin", lifetime: .seconds(900),
                    interval: .seconds(7)))
        #expect(!"\(reply)".contains("dc\""))
    }

    @Test(arguments: [
        ("", 5), (#","interval":0"#, 5), (#","interval":"3""#, 3), (#","interval":9999"#, 5),
        (#","interval":null"#, 5), (#","interval":2.9"#, 2),
    ])
    func `an interval that can't be used is five seconds`(members: String, seconds: Int) throws {
        #expect(
            try decode(Self.usual + #","expires_in":"900""# + members).interval == .seconds(seconds)
        )
    }

    @Test(arguments: [
        "", "\"expires_in\":900", usual, usual + #","expires_in":0"#, usual + #","expires_in":1e9"#,
        #""device_code":"","user_code":"A","verification_uri":"u","expires_in":900"#,
        #""device_code":"d","user_code":7,"verification_uri":"u","expires_in":900"#,
    ])
    func `a reply without what is needed is refused`(members: String) {
        #expect(throws: MalformedTokenResponse.self) { try decode(members) }
    }

    @Test func `the account is read from the id_token, or nobody is named`() {
        // {"alg":"none"} . {"tid":"t","oid":"o","preferred_username":"anna@example.org"} .
        let token =
            "eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ0Iiwib2lkIjoibyIsInByZWZlcnJlZF91c2VybmFtZSI6ImFubmFAZXhhbXBsZS5vcmcifQ.x"
        #expect(
            Account(idToken: Secret(token))
                == Account(tenantID: "t", objectID: "o", name: "anna@example.org"))
        #expect(Account(idToken: Secret("opaque")) == nil)
        // {"sub":"7"}
        #expect(Account(idToken: Secret("eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.x")) == nil)
    }
}
