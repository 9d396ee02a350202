import NIOHTTP1

/// One HTTP request, complete, as the endpoints read it.
struct Request {
    var method: String
    /// Without query; percent-encoding left alone.
    var path: String
    var headers: HTTPHeaders
    var body: [UInt8]
    /// TCP port that it came from.
    var clientPort: Int?

    init(
        method: String, target: String, headers: HTTPHeaders, body: [UInt8], clientPort: Int? = nil
    ) {
        self.method = method
        path =
            target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            .first.map(String.init) ?? "/"
        self.headers = headers
        self.body = body
        self.clientPort = clientPort
    }
}

/// One HTTP answer before faults of delivery and the headers that every answer has.
struct Answer {
    enum Body {
        case text(String)
        /// Still open to scripted changes of single members.
        case members(JSONMembers)
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: Body

    static func json(_ members: JSONMembers, status: Int = 200) -> Answer {
        Answer(
            status: status, headers: [("Content-Type", "application/json; charset=utf-8")],
            body: .members(members))
    }

    static func plain(_ text: String, status: Int, type: String = "text/plain") -> Answer {
        Answer(status: status, headers: [("Content-Type", type)], body: .text(text))
    }

    /// What a gateway or a wrong path answers.
    static func html(status: Int) -> Answer {
        .plain(
            "<!DOCTYPE html><html><head><title>\(status)</title></head>"
                + "<body><h2>Our services aren't available right now</h2></body></html>\r\n",
            status: status, type: "text/html; charset=utf-8")
    }
}

/// Form fields (`application/x-www-form-urlencoded`) in order, decoded.
struct FormFields {
    private(set) var fields: [(name: String, value: String)] = []

    init(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            fields.append((Self.decode(parts[0]), parts.count > 1 ? Self.decode(parts[1]) : ""))
        }
    }

    /// The value of the first field of that name; an empty one counts as absent.
    subscript(name: String) -> String? {
        fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    var names: [String] { fields.map(\.name).sorted() }

    /// The first name that occurs twice.
    var duplicate: String? {
        let names = names
        return zip(names, names.dropFirst()).first { $0 == $1 }?.0
    }

    private static func decode(_ text: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let high = hexDigit(text[index + 1]), let low = hexDigit(text[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
