import NIOCore
import NIOHTTP1

/// Gathers requests and writes what the responder decides. One request at a time reaches it: the pipelining assistance
/// before it holds back the next.
final class HTTPHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let respond: @Sendable (HTTPRequest) async -> HTTPReply
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// Cancelled when the client goes.
    private var running: Task<Void, Never>?

    init(respond: @escaping @Sendable (HTTPRequest) async -> HTTPReply) { self.respond = respond }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part):
            body.writeBuffer(&part)
            if body.readableBytes > Limits.requestBody { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            answer(head, on: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        running?.cancel()
        context.fireChannelInactive()
    }

    private func answer(_ head: HTTPRequestHead, on context: ChannelHandlerContext) {
        let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        let request = HTTPRequest(
            method: head.method.rawValue, target: head.uri, headers: headers, body: Array(buffer: body))
        let responder = respond
        let channel = context.channel
        let keepAlive = head.isKeepAlive
        let work: @Sendable () async -> Void = {
            let reply = await responder(request)
            Self.send(reply, keepAlive: keepAlive, to: channel)
        }
        running = Task(operation: work)
    }

    private static func send(_ reply: HTTPReply, keepAlive: Bool, to channel: any Channel) {
        switch reply {
        case .complete(let answer): write(answer, half: false, keepAlive: keepAlive, to: channel)
        case .half(let answer): write(answer, half: true, keepAlive: false, to: channel)
        case .close: channel.close(promise: nil)
        }
    }

    private static func write(_ answer: HTTPAnswer, half: Bool, keepAlive: Bool, to channel: any Channel) {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Length", value: "\(answer.body.count)")
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        let bytes = half ? Array(answer.body.prefix(answer.body.count / 2)) : answer.body
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
        // Half a body cannot be ended properly: the connection just goes.
        let last = half ? channel.writeAndFlush(part) : endOf(part, channel)
        if half || !keepAlive { last.whenComplete { _ in channel.close(promise: nil) } }
    }

    private static func endOf(_ part: HTTPServerResponsePart, _ channel: any Channel) -> EventLoopFuture<Void> {
        channel.write(part, promise: nil)
        return channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    }
}
