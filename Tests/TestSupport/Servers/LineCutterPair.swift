import NIOCore

/// The two ends of one connection through a `LineCutter`. It lives on their event loop.
final class LineCutterPair {
    private let client: any Channel
    private let server: any Channel
    private let number: Int
    private let state: Watched<LineCutter.State>
    /// What came of the line that is not complete yet.
    private var partial: [LineCutter.Side: [UInt8]] = [:]
    private var isBroken = false

    init(_ client: any Channel, _ server: any Channel, number: Int, _ state: Watched<LineCutter.State>) {
        self.client = client
        self.server = server
        self.number = number
        self.state = state
    }

    func begin() {
        for channel in [client, server] { channel.setOption(.autoRead, value: true).whenComplete { _ in } }
        breakIfDue()
    }

    /// `side` has sent this.
    func received(_ bytes: [UInt8], from side: LineCutter.Side) {
        var passed: [UInt8] = []
        for byte in bytes where !isBroken {
            passed.append(byte)
            guard byte == UInt8(ascii: "\n") else {
                partial[side, default: []].append(byte)
                continue
            }
            endLine(of: side)
            if isDue { pass(passed, from: side) }
            breakIfDue()
        }
        if !isBroken { pass(passed, from: side) }
    }

    func ended(_ side: LineCutter.Side) { other(side).close(promise: nil) }

    private func endLine(of side: LineCutter.Side) {
        var text = partial.removeValue(forKey: side) ?? []
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        let line = LineCutter.Line(side: side, text: String(decoding: text, as: UTF8.self))
        let observer = state.update { state in
            state.lines[number].append(line)
            return state.observer
        }
        observer(line)
    }

    private var isDue: Bool {
        guard let cut = state.value.cut else { return false }
        return state.value.lines[number].count { $0.side == cut.side } >= cut.line
    }

    private func breakIfDue() {
        guard !isBroken, isDue, let cut = state.value.cut else { return }
        isBroken = true
        if cut.fate == .hangUp {
            client.close(promise: nil)
            server.close(promise: nil)
        }
        state.update { $0.broken[number] = client }
    }

    private func pass(_ bytes: [UInt8], from side: LineCutter.Side) {
        other(side).writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    private func other(_ side: LineCutter.Side) -> any Channel { side == .client ? server : client }
}

/// One end of the pair.
final class LineCutterHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let pair: LineCutterPair
    private let side: LineCutter.Side

    init(_ pair: LineCutterPair, _ side: LineCutter.Side) {
        self.pair = pair
        self.side = side
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pair.received(Array(unwrapInboundIn(data).readableBytesView), from: side)
    }

    func channelInactive(context: ChannelHandlerContext) { pair.ended(side) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
