/// What each AADSTS code is held to mean, written down apart from the table that the program uses:
/// a code that changes its class has to change here too. A `†` marks a verdict about one directory.

internal import Testing
@testable import TokenCore

struct VerdictFact: Sendable, CustomTestStringConvertible {
    let code: Int
    let kind: RefusalClass
    let isTenantOnly: Bool

    var testDescription: String { "AADSTS\(code)" }

    static let all: [VerdictFact] = [
        facts(
            .transient,
            """
            50033 50087 50088 50166 40010 501621 70021 700211 700213 7002137 7002138 80002 80005
            80014 70012 90006 90012 90024 90090 90091 90025 90033 50000 40008 50086 90036 90092
            """),
        facts(.throttled, "50196 90055†"),
        facts(
            .reauth,
            """
            16000 50014 50020 51004 90072 50034 50053 50055 50144 50056 50064 50126 50058 50140
            50197 50199 50072 50079 50074 50076 50078 50085 50089 50139 50097 50155 50187 700003
            50125 50135 50142 50132 50133 50158 50173 53004 54005 65004 70000 70008 700020 70043
            70044 700082 700084 40009 40015 135011
            """),
        facts(
            .consent,
            """
            50005 50127 50129 50057 50105 50131 50177 50178 50002 500021 500022 500212 500213
            500011† 53000 53001 53002 53003 53010 53011 530034 530032 530035 530084 54000 80012
            65001 65005† 650052† 650054† 650056† 90008 90093 90094 90095 90099 1000031† 5000224†
            5000225† 80001 80007 80010 80013
            """),
        facts(
            .application,
            """
            7000215 7000222 7000218 700025 70002 700024 700027 7000214 1000502 50012 50027 50048
            700030 700229 700016† 70001† 700011† 7000112† 7000229† 65002 67003 7000114 50003 50146
            50010 50011 70004 50001 650057 70003 70011 28002 28003 700022 700023 50194 9001023
            90124 90130 9002332 90027 90002† 90009 90038† 90043† 90051† 900382† 900432† 900439†
            1000104† 901002 100007
            """),
        facts(
            .request,
            """
            9002313 90014 900144 90004 90005 90007 90013 90015 90023 90100 90102 90107 90117 90121
            165900 90016 90019 50059 50128 90056 900561 50049 50050 50013 500133 50120 50192 50147
            501481 501491 700005 70005 70007 700054 900971 90119 90120 70018 76021 76026 140000
            140001
            """),
    ].flatMap { $0 }

    /// Members of the families that the table keeps as ranges, their ends included.
    static let families: [VerdictFact] = [
        facts(
            .reauth, "81004 81005 81006 81007 81008 81009 81010 81011 81012 130000 130004 130009"),
        facts(.request, "75001 75005 75011 75999 750054 7500514 7500525 7500529"),
    ].flatMap { $0 }

    private static func facts(_ kind: RefusalClass, _ codes: String) -> [VerdictFact] {
        codes.split { $0 == " " || $0 == "\n" }.map { word in
            guard let code = Int(word.filter(\.isWholeNumber)) else {
                preconditionFailure("not a code: \(word)")
            }
            return VerdictFact(code: code, kind: kind, isTenantOnly: word.hasSuffix("†"))
        }
    }
}
