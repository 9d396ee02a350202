/// Collects what ``HTTPRequest/onReceipt`` was told.

import Synchronization

@testable import TokenCore

final class Receipts: Sendable {
    private let received = Mutex<[(status: Int, body: [UInt8])]>([])

    var count: Int { received.withLock { $0.count } }
    var statuses: [Int] { received.withLock { $0.map(\.status) } }
    var bodies: [[UInt8]] { received.withLock { $0.map(\.body) } }

    var report: @Sendable (Int, [UInt8]) -> Void {
        { status, body in self.received.withLock { $0.append((status, body)) } }
    }
}

extension HTTPRequest {
    static func get(_ url: String, _ receipts: Receipts? = nil) -> HTTPRequest {
        HTTPRequest(method: .get, url: url, onReceipt: receipts?.report)
    }

    static func post(
        _ url: String, _ pairs: [(String, String)], _ receipts: Receipts? = nil
    ) -> HTTPRequest {
        HTTPRequest(
            method: .post(form: HTTPForm(pairs.map { ($0.0, Secret($0.1)) })), url: url,
            onReceipt: receipts?.report)
    }
}
