/// An ``HTTPClient`` whose answers are written down beforehand and which remembers what it was
/// asked. A request that nobody wrote an answer for fails the test.

internal import Synchronization
public import TokenCore
internal import Testing

public final class ScriptedHTTPClient: HTTPClient {
    public enum Answer: Sendable {
        case response(HTTPResponse)
        case failure(TransportError)
        /// A body that arrives, and a transfer that fails after it.
        case broken(HTTPResponse, TransportError)

        /// An answer with a text body.
        public static func text(
            _ status: Int, _ body: String, headers: [String: String] = [:]
        ) -> Answer {
            .response(HTTPResponse(status: status, body: Array(body.utf8), headers: headers))
        }
    }

    private let answer: @Sendable (RecordedRequest, _ index: Int) -> Answer?
    private let recorded = Mutex<[RecordedRequest]>([])
    private let lastAnswer = Mutex<Task<Void, Never>?>(nil)

    /// Answers the first request with the first answer, and so on.
    public init(_ answers: [Answer]) {
        answer = { _, index in answers.indices.contains(index) ? answers[index] : nil }
    }

    public convenience init(_ answers: Answer...) { self.init(answers) }

    /// Answers each request by what it asks; nil means that it was not expected.
    public init(answering answer: @escaping @Sendable (RecordedRequest) -> Answer?) {
        self.answer = { request, _ in answer(request) }
    }

    /// What was sent, in the order in which it came.
    public var requests: [RecordedRequest] { recorded.withLock { $0 } }

    public func start(_ request: HTTPRequest, completion: @escaping HTTPCompletion) {
        let record = RecordedRequest(request)
        let index = recorded.withLock { requests in
            requests.append(record)
            return requests.count - 1
        }
        // Off the caller's thread, like the real one, and in the order in which they were asked.
        lastAnswer.withLock { last in
            last = Task { [last] in
                await last?.value
                completion(result(of: request, record, index))
            }
        }
    }

    private func result(
        of request: HTTPRequest, _ record: RecordedRequest, _ index: Int
    ) -> Result<HTTPResponse, TransportError> {
        switch answer(record, index) {
        case .response(let response):
            // As the real one: before the answer is handed to whoever waits.
            request.onReceipt?(response.status, response.body)
            return .success(response)
        case .failure(let error):
            return .failure(error)
        case .broken(let response, let error):
            request.onReceipt?(response.status, response.body)
            return .failure(error)
        case nil:
            Issue.record("unscripted request: \(record.method) \(record.url)")
            return .failure(TransportError(kind: .local, message: "unscripted request"))
        }
    }
}

/// A request as the server would see it, secrets included: tests use made-up ones.
public struct RecordedRequest: Sendable {
    /// `GET` or `POST`.
    public let method: String
    public let url: String
    /// By lower-case name.
    public let headers: [String: String]
    /// Names in the order sent; empty for a GET.
    public let formNames: [String]
    public let form: [String: String]

    init(_ request: HTTPRequest) {
        url = request.url
        headers = Dictionary(
            request.headers.map { ($0.name.lowercased(), $0.value.exposed) },
            uniquingKeysWith: { "\($0), \($1)" })
        switch request.method {
        case .get:
            method = "GET"
            formNames = []
            form = [:]
        case .post(let fields):
            method = "POST"
            formNames = fields.names
            form = Dictionary(
                fields.names.map { ($0, fields[$0]?.exposed ?? "") },
                uniquingKeysWith: { first, _ in first })
        }
    }
}
