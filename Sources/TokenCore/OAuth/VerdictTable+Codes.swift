/// The AADSTS codes. Compared as whole numbers, since Microsoft divides a code by appending digits:
/// 70002, 700020 and 7000215 are three different stories.

// Whoever looks a code up searches for its bare digits.
// swift-format-ignore-file: GroupNumericLiterals

extension VerdictTable {
    /// Codes that mean the same.
    struct Row: Sendable {
        let codes: [Int]
        let entry: Entry

        static func transient(
            _ codes: Int..., meaning: String, patience: Duration? = nil,
            responsible: Responsible? = nil
        ) -> Row {
            Row(
                codes: codes,
                entry: Entry(
                    kind: .transient, meaning: meaning, patience: patience,
                    responsible: responsible))
        }

        static func throttled(
            _ codes: Int..., meaning: String, tenantOnly: Bool = false, pause: Duration? = nil
        ) -> Row {
            Row(
                codes: codes,
                entry: Entry(
                    kind: .throttled, meaning: meaning, isTenantOnly: tenantOnly, pause: pause))
        }

        static func reauth(_ codes: Int..., meaning: String) -> Row {
            Row(codes: codes, entry: Entry(kind: .reauth, meaning: meaning))
        }

        static func consent(_ codes: Int..., meaning: String, tenantOnly: Bool = false) -> Row {
            Row(
                codes: codes,
                entry: Entry(kind: .consent, meaning: meaning, isTenantOnly: tenantOnly))
        }

        static func application(
            _ codes: Int..., meaning: String, tenantOnly: Bool = false
        ) -> Row {
            Row(
                codes: codes,
                entry: Entry(kind: .application, meaning: meaning, isTenantOnly: tenantOnly))
        }

        /// The credential or the registration itself, which is the same for every user and tenant.
        static func client(_ codes: Int..., meaning: String) -> Row {
            Row(
                codes: codes,
                entry: Entry(kind: .application, meaning: meaning, isClientWide: true))
        }

        static func request(_ codes: Int..., meaning: String) -> Row {
            Row(codes: codes, entry: Entry(kind: .request, meaning: meaning))
        }
    }

    static let rows: [Row] =
        transientRows + throttledRows + reauthRows + consentRows + applicationRows + requestRows

    /// Families whose members are not worth a line each: all of them belong to flows in which no
    /// refresh takes part.
    static let ranges: [(numbers: ClosedRange<Int>, entry: Entry)] = [
        (81004...81012, Entry(kind: .reauth, meaning: "single sign-on from the desktop failed")),
        (130000...130009, Entry(kind: .reauth, meaning: "the user's Windows Hello key failed")),
        // 75001…75999 and what was appended to them: 750054, 7500514, up to 7500529.
        (75001...75999, samlOnly),
        (750010...759999, samlOnly),
        (7500100...7500529, samlOnly),
    ]
    private static let samlOnly = Entry(
        kind: .request, meaning: "the server took the request for SAML")

    private static let transientRows: [Row] = [
        .transient(50033, 90006, meaning: "Microsoft's sign-in service met a passing error"),
        .transient(50087, meaning: "the multi-factor service met a passing error"),
        .transient(
            50088, meaning: "no telephone calls for multi-factor sign-in are left for some minutes"),
        .transient(50166, meaning: "the external claims provider could not be reached"),
        .transient(40010, meaning: "the federated identity provider met a passing error"),
        .transient(501621, meaning: "the directory's claims took too long to compute"),
        // Ten minutes after it was set up a new trust has reached every data centre.
        .transient(
            70021, 700211, 700213, 7002137, 7002138,
            meaning: "no federated credential of the application fits the token that it presented",
            patience: .seconds(600), responsible: .applicationOwner),
        .transient(80002, 80014, meaning: "the on-premises sign-in agent did not answer in time"),
        .transient(
            80005, meaning: "the on-premises sign-in agent gave an answer nobody understands"),
        .transient(70012, meaning: "the sign-in service for personal accounts met an error"),
        .transient(90012, 90024, meaning: "Microsoft's sign-in service took too long"),
        .transient(90025, meaning: "Microsoft's sign-in service is busy"),
        .transient(90033, 90090, 90091, meaning: "the directory service is unavailable"),
        // Said to be lasting, but nothing that anybody here could mend.
        .transient(50000, meaning: "Microsoft's sign-in service could not issue a token"),
        .transient(40008, meaning: "the federated identity provider met an unexpected error"),
        .transient(
            50086, 90036, 90092, meaning: "Microsoft's sign-in service met an unexpected error"),
    ]

    private static let throttledRows: [Row] = [
        .throttled(
            loopCode, meaning: "the same request was sent too often in a short time",
            pause: .seconds(300)),
        .throttled(90055, meaning: "the directory receives too many requests", tenantOnly: true),
    ]

    private static let reauthRows: [Row] = [
        .reauth(
            16000, 50020, 51004, 90072, meaning: "the user's account is not known in this directory"
        ),
        .reauth(50014, meaning: "the user has not yet accepted the invitation to this directory"),
        .reauth(50034, meaning: "the user no longer exists in this directory"),
        .reauth(
            50053, meaning: "the account is locked, or the request came from a distrusted address"),
        .reauth(50055, 50144, meaning: "the user's password has expired"),
        .reauth(50056, 50064, 50126, meaning: "the user's password is missing or wrong"),
        .reauth(50058, 700020, meaning: "the user must sign in interactively"),
        .reauth(50140, 50199, meaning: "the user must answer a prompt at sign-in"),
        .reauth(50197, meaning: "the user must choose between conflicting identities"),
        .reauth(50072, 50079, meaning: "the user must register for multi-factor authentication"),
        .reauth(50074, 50076, meaning: "the user must satisfy multi-factor authentication"),
        .reauth(50078, meaning: "the user's multi-factor authentication is too old"),
        .reauth(50085, meaning: "the user must sign in at the social identity provider again"),
        .reauth(50089, meaning: "the user's sign-in took too long and must start again"),
        .reauth(50139, meaning: "the session of the personal account is gone"),
        .reauth(50097, 50155, meaning: "the user must sign in from a device that can prove itself"),
        .reauth(50187, 700003, meaning: "the directory no longer knows the user's device"),
        .reauth(50125, 50135, 50142, meaning: "the user must change or register a password"),
        .reauth(50132, 50133, meaning: "the session ended by a new password or a revocation"),
        .reauth(50158, meaning: "the user must meet an external demand, such as terms of use"),
        .reauth(50173, meaning: "the sign-in was revoked by the user or an admin"),
        .reauth(
            53004,
            meaning:
                "the user is considered at risk and must register for multi-factor authentication"),
        .reauth(54005, meaning: "the authorization code was already used"),
        .reauth(65004, meaning: "the user declined to consent"),
        .reauth(70000, meaning: "the refresh token is invalid"),
        .reauth(70008, meaning: "the refresh token has expired or was revoked"),
        .reauth(70043, 70044, meaning: "the directory's policy asks for a fresh sign-in"),
        .reauth(700082, meaning: "the refresh token was not used for too long"),
        .reauth(700084, meaning: "the refresh token of a single-page application has ended"),
        .reauth(
            40009, 40015, meaning: "the federated identity provider refused the user's sign-in"),
        .reauth(135011, meaning: "the user's device is disabled"),
    ]

    private static let consentRows: [Row] = [
        .consent(50005, meaning: "a policy does not support this platform"),
        .consent(50127, meaning: "a policy demands a broker app on the device"),
        .consent(50129, meaning: "a policy demands a device joined to the workplace"),
        .consent(50057, meaning: "the user's account is disabled"),
        .consent(50105, meaning: "the user is not assigned to the application"),
        .consent(50131, 53003, meaning: "a Conditional Access policy blocks this sign-in"),
        .consent(50177, 50178, meaning: "a policy demands a control that outside users can't meet"),
        .consent(
            50002, 500021, 500022,
            meaning: "tenant restrictions, set by a proxy, forbid this directory"),
        .consent(500212, meaning: "the user's directory forbids access to this one"),
        .consent(500213, meaning: "this directory forbids users of the other one"),
        .consent(500011, meaning: "the directory does not have the resource", tenantOnly: true),
        .consent(53000, meaning: "a policy demands a compliant device"),
        .consent(53001, meaning: "a policy demands a device joined to the domain"),
        .consent(53002, meaning: "a policy demands an approved app"),
        .consent(
            53010, meaning: "multi-factor registration is restricted to certain places or devices"),
        .consent(53011, meaning: "the user's home directory considers the user at risk"),
        .consent(530034, meaning: "a delegated admin is blocked for risk"),
        .consent(530032, 530035, meaning: "a security policy of the directory blocks this sign-in"),
        .consent(530084, meaning: "a policy demands tokens bound to a device"),
        .consent(54000, meaning: "the user is too young for this application"),
        .consent(80012, meaning: "the user may not sign in at this hour"),
        .consent(65001, meaning: "consent to the application is missing or was withdrawn"),
        .consent(
            65005, 650052, 650054, 650056,
            meaning:
                "the directory lacks a service that the application needs, or has not approved it",
            tenantOnly: true),
        .consent(90008, meaning: "the directory has not let the application sign users in"),
        .consent(90093, meaning: "the directory refused the application for lack of permission"),
        .consent(90094, 90095, meaning: "an admin must consent to the application"),
        .consent(
            90099, meaning: "the application is not yet authorised in the customer's directory"),
        .consent(
            1000031, meaning: "the application is closed to this directory for now",
            tenantOnly: true),
        .consent(5000224, meaning: "the directory is unavailable", tenantOnly: true),
        .consent(5000225, meaning: "the directory is blocked for inactivity", tenantOnly: true),
        .consent(
            80001, 80007, 80010, 80013,
            meaning: "the on-premises sign-in agent could not check the user"),
    ]

    private static let applicationRows: [Row] = [
        .client(
            7000215, meaning: "the client secret is wrong; the value is needed, not its ID"),
        .client(7000222, meaning: "the client secret has expired"),
        .client(
            7000218,
            meaning: "the application needs a credential, or must allow public client flows"),
        .client(
            700025, meaning: "the application is a public client and must not send a credential"),
        .client(70002, meaning: "the application's credential does not fit"),
        .client(700024, meaning: "the client assertion is outside its time of validity"),
        .client(700027, meaning: "the client assertion's key or signature is not accepted"),
        .client(7000214, meaning: "the client certificate is not accepted"),
        .client(1000502, meaning: "the client certificate is outside its time of validity"),
        .client(
            50012, 50027, 50048, 700030, 700229, meaning: "the client assertion is not well made"),
        .application(
            700016, meaning: "the directory does not have the application", tenantOnly: true),
        .application(70001, 7000112, meaning: "the application is disabled", tenantOnly: true),
        .application(700011, meaning: "the application was not found", tenantOnly: true),
        .application(
            7000229, meaning: "the directory has no service principal of the application",
            tenantOnly: true),
        .application(65002, meaning: "the application is not pre-authorised for this resource"),
        .application(
            67003, 7000114, meaning: "the application may not act on behalf of users so"),
        .client(50003, 50146, meaning: "the application's signing key is missing or expired"),
        .client(50010, meaning: "the audience is not registered for the application"),
        .client(50011, 70004, meaning: "the reply URL is not registered for the application"),
        .application(50001, meaning: "the resource is not known"),
        .client(650057, meaning: "the resource is not in the application's registration"),
        .client(70003, meaning: "the application may not use this kind of grant"),
        .application(70011, meaning: "the configured scopes are invalid"),
        .application(28002, 28003, meaning: "the configured scopes are invalid or empty"),
        .application(700022, meaning: "the configured scopes name more than one resource"),
        .application(700023, meaning: "the configured scopes name no resource"),
        .application(
            50194, 90124, 90130, 9001023, 9002332,
            meaning: "the application can't be used with this tenant alias"),
        .application(
            90027, meaning: "the application can't be used with this version of the endpoint"),
        .application(
            90002, meaning: "the directory (tenant) is not known to this cloud", tenantOnly: true),
        .application(
            90009, meaning: "the application asks for a token for itself: the scopes are missing"),
        .application(
            90038, 90043, 90051, 900382, 900432, 900439, 1000104,
            meaning: "the user or the application belongs to another national cloud",
            tenantOnly: true),
        .application(901002, meaning: "a resource was named where scopes are expected"),
        .application(100007, meaning: "the regional endpoint does not serve this request"),
    ]

    private static let requestRows: [Row] = [
        .request(9002313, meaning: "the request or the stored refresh token is damaged"),
        .request(90014, 900144, meaning: "a required field is missing from the request"),
        .request(
            90004, 90005, 90007, 90013, 90015, 90023, 90100, 90102, 90107, 90117, 90121, 165900,
            meaning: "a part of the request is malformed, empty or too long"),
        .request(
            90016, 90019, 50059, 50128, meaning: "the directory could not be told from the request"),
        .request(90056, 900561, meaning: "the request went to the wrong endpoint"),
        .request(50049, 50050, meaning: "the authority's host is not known to Microsoft"),
        .request(
            50013, 500133, 50120, 50192,
            meaning: "an assertion in the request is invalid or expired"),
        .request(
            50147, 501481, 501491, 700005,
            meaning: "the authorization code does not belong to this request"),
        .request(
            70005, 70007, 700054, 900971,
            meaning: "the request belongs to the authorization endpoint"),
        .request(90119, 90120, 70018, meaning: "the device code is unknown or was already used"),
        .request(76021, 76026, meaning: "the server took the request for SAML"),
        .request(140000, 140001, meaning: "the request's nonce or session key is invalid"),
    ]
}
