import Glibc
import NIOCore
import NIOSSL

/// Does on a channel what a `DialogPlayer` decides, and tells it what happens there. Lives on the channel's event loop.
final class DialogHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var player: DialogPlayer
    private let tls: NIOSSLContext?
    private let report: @Sendable (ConnectionRecord) -> Void
    private var record = ConnectionRecord()
    private var context: ChannelHandlerContext?

    /// - Parameter report: Told of every change.
    init(_ dialog: Dialog, tls: NIOSSLContext?, report: @escaping @Sendable (ConnectionRecord) -> Void) {
        player = DialogPlayer(dialog)
        self.tls = tls
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    func channelActive(context: ChannelHandlerContext) { handle(.connected) }
    func channelInactive(context: ChannelHandlerContext) { handle(.ended) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        handle(.received(Array(unwrapInboundIn(data).readableBytesView)))
    }

    /// A handshake that the client broke off, or a reset: the channel becomes inactive next.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        record.errors.append("\(error)")
        context.close(promise: nil)
    }

    func proceed(_ name: String) { handle(.proceed(name)) }

    private func handle(_ event: DialogPlayer.Event) {
        let actions = player.handle(event)
        record.transcript = player.transcript
        // Whoever gets the answer finds what it answers recorded.
        report(record)
        for action in actions { perform(action) }
        report(record)
    }

    private func perform(_ action: DialogPlayer.Action) {
        guard let context else { return }
        switch action {
        case .send(let bytes): send(bytes[...])
        case .startTLS: startTLS(context)
        case .close: context.close(promise: nil)
        case .reset: reset(context)
        case .read(let isOn): context.channel.setOption(.autoRead, value: isOn).whenComplete { _ in }
        case .finished: record.isFinished = true
        case .mismatch(let text): record.mismatch = text
        }
    }

    /// In pieces, each when the one before has left, so that what the client does not take stays countable.
    private func send(_ bytes: ArraySlice<UInt8>) {
        guard let context else { return }
        let piece = bytes.prefix(64 * 1024)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { [weak self] in
            guard let self else { return }
            record.sentBytes += piece.count
            let rest = bytes.dropFirst(piece.count)
            if rest.isEmpty { handle(.done) } else { send(rest) }
        }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: piece)), promise: promise)
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        guard let tls else {
            record.mismatch = "the dialog starts TLS, but the server has no certificate"
            return context.close(promise: nil)
        }
        do {
            let handler = NIOSSLServerHandler(context: tls)
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch { errorCaught(context: context, error: error) }
        handle(.done)
    }

    private func reset(_ context: ChannelHandlerContext) {
        let socket = context.channel as? any SocketOptionProvider
        socket?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        // TLS would say goodbye first, so it is passed by: the head of the pipeline closes at once.
        if let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            context.close(promise: nil)
        }
    }
}
