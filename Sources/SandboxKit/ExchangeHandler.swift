import NIOCore
import NIOHTTP1

/// One connection's last handler: gathers a request, asks ``Service``, writes the answer, faults and
/// all. Lives on the connection's event loop and is never used elsewhere.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Larger request bodies are refused: no token request comes near.
    private static let bodyLimit = 1 << 20

    private let service: Service
    private let baseURL: String
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// The request that is waiting for its delayed answer.
    private var pending: (number: Int?, timer: Scheduled<Void>)?

    init(service: Service, baseURL: String) {
        self.service = service
        self.baseURL = baseURL
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.removeAll(keepingCapacity: true)
        case .body(let part):
            guard body.count + part.readableBytes <= Self.bodyLimit else {
                return context.close(promise: nil)
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            let request = Request(
                method: head.method.rawValue, target: head.uri, headers: head.headers, body: body,
                clientPort: context.remoteAddress?.port)
            let reply = service.reply(to: request, baseURL: baseURL)
            deliver(reply, after: reply.delay, to: head, context: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let pending {
            pending.timer.cancel()
            finish(pending.number, status: 0)
        }
        pending = nil
        context.fireChannelInactive()
    }

    /// Resets by the peer and TLS complaints are the client's business: close, say nothing.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// How often an answer that is held looks whether it may go.
    private static let holdInterval = Duration.milliseconds(2)

    private func deliver(
        _ reply: Service.Reply, after delay: Duration, to head: HTTPRequestHead,
        context: ChannelHandlerContext
    ) {
        let isHeld = reply.number.map(service.ledger.isHolding) ?? false
        let delay = max(delay, isHeld ? Self.holdInterval : .zero)
        guard delay > .zero else { return write(reply, to: head, context: context) }
        let timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            self.pending = nil
            self.deliver(reply, after: .zero, to: head, context: context)
        }
        pending = (reply.number, timer)
    }

    /// The record is completed before the first byte leaves, so that a client that has its answer
    /// finds it in the record.
    private func write(
        _ reply: Service.Reply, to head: HTTPRequestHead, context: ChannelHandlerContext
    ) {
        let flaw = reply.disturbance.flaw
        if case .cut = flaw {
            finish(reply.number, status: 0)
        } else {
            finish(reply.number, status: reply.answer.status)
        }
        if case .cut(.beforeHeaders) = flaw { return context.channel.cut() }

        var body = body(of: reply, allocator: context.channel.allocator)
        var announcedLength = body.readableBytes
        var ending = head.isKeepAlive ? Ending.open : .close
        switch flaw {
        case .truncated:
            body = body.getSlice(at: 0, length: announcedLength / 2) ?? body
            announcedLength = body.readableBytes
        case .cut(.midBody):
            body = body.getSlice(at: 0, length: announcedLength / 2) ?? body
            ending = .cut
        case .wrongLength(let by):
            announcedLength = max(0, announcedLength + by)
            ending = .close
        case .cut(.beforeHeaders), nil: break
        }

        var headers = HTTPHeaders(reply.answer.headers.map { ($0.name, $0.value) })
        if reply.answer.status != 204 {
            headers.add(name: "Content-Length", value: String(announcedLength))
        }
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let responseHead = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: reply.answer.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(responseHead)), promise: nil)
        if head.method != .HEAD, body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        end(ending, of: reply.number, context: context)
    }

    /// What becomes of the connection after an answer.
    private enum Ending {
        case open, close, cut
    }

    private func end(_ ending: Ending, of number: Int?, context: ChannelHandlerContext) {
        let end = wrapOutboundOut(.end(nil))
        let channel = context.channel
        let ledger = service.ledger
        context.writeAndFlush(end).whenComplete { result in
            if let number, case .success = result { ledger.sent(number) }
            guard ending != .open else { return }
            if ending == .cut { channel.cut() } else { channel.close(promise: nil) }
        }
    }

    private func body(of reply: Service.Reply, allocator: ByteBufferAllocator) -> ByteBuffer {
        let text =
            switch reply.answer.body {
            case .text(let text): text
            case .members(let members): members.text
            }
        let padding = reply.disturbance.padding
        var buffer = allocator.buffer(capacity: text.utf8.count + padding)
        // White space before a JSON value is insignificant: the body stays valid, only huge.
        if padding > 0 { buffer.writeRepeatingByte(UInt8(ascii: " "), count: padding) }
        buffer.writeString(text)
        return buffer
    }

    private func finish(_ number: Int?, status: Int) {
        if let number { service.ledger.finish(number, status: status) }
    }
}
