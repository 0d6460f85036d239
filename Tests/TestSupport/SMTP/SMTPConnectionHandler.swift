import Glibc
import NIOCore
import NIOSSL

/// The thin shell of a session: lines in, replies out, one at a time and in order.
final class SMTPConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let shared: SMTPServerState
    private let tls: NIOSSLContext
    private var session: SMTPSession
    private var input = ByteBuffer()
    private var message: SMTPDataReader?
    /// While a policy holds a command back, or nothing will be answered any more.
    private var isWaiting = false

    init(number: Int, shared: SMTPServerState, tls: NIOSSLContext) {
        self.number = number
        self.shared = shared
        self.tls = tls
        session = SMTPSession(options: shared.options, isEncrypted: shared.options.hasImplicitTLS)
    }

    func channelActive(context: ChannelHandlerContext) {
        decide("CONNECT", "", context) { handler, context in handler.write(handler.session.greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = unwrapInboundIn(data)
        input.writeBuffer(&chunk)
        processInput(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        flushViolations()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func processInput(_ context: ChannelHandlerContext) {
        while !isWaiting, let line = nextLine(context) {
            if message != nil { receiveContent(line, context) } else { receiveLine(line, context) }
        }
        input.discardReadBytes()
    }

    /// The next line with its LF, or `nil` while it is not complete.
    private func nextLine(_ context: ChannelHandlerContext) -> [UInt8]? {
        guard let end = input.withUnsafeReadableBytes({ $0.offset(of: UInt8(ascii: "\n")) }) else {
            if message == nil, input.readableBytes > Limits.smtpCommand {
                breakOff("500 5.5.6 Line is too long", context)
            }
            return nil
        }
        return input.readBytes(length: end + 1)
    }

    private func receiveLine(_ line: [UInt8], _ context: ChannelHandlerContext) {
        guard line.suffix(2) == [13, 10] else {
            session.note(violation: "bare LF in a command")
            return breakOff("500 5.5.2 Lines end with CRLF", context)
        }
        let text = String(decoding: line.dropLast(2), as: UTF8.self)
        if session.isAuthenticating { return perform(session.receive(response: text), context) }
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (verb, argument) = (words[0].uppercased(), words.count > 1 ? words[1] : "")
        decide(verb, argument, context) { handler, context in
            let hasMore = handler.input.readableBytes > 0
            handler.perform(handler.session.receive(verb: verb, argument: argument, hasMore: hasMore), context)
        }
    }

    private func receiveContent(_ line: [UInt8], _ context: ChannelHandlerContext) {
        message?.receive(line, limit: shared.options.largestMessage)
        guard message?.isComplete == true, let complete = message else { return }
        message = nil
        switch session.receive(complete) {
        case .failure(let refusal): write([refusal.line], context)
        case .success(let transaction):
            decide(".", "", context, transaction: transaction) { handler, context in
                handler.shared.accept(transaction)
                handler.write(["250 2.0.0 Ok: queued"], context)
            }
        }
    }

    // MARK: Policy

    private func decide(
        _ verb: String, _ argument: String, _ context: ChannelHandlerContext, transaction: SMTPTransaction? = nil,
        usual: @escaping (SMTPConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        let event = shared.event(verb: verb, argument: argument, connection: number, transaction: transaction)
        switch shared.options.policy(event) {
        case nil: usual(self, context)
        case .reply(let text): write(text.split(separator: "\n").map(String.init), context)
        case .replyAndClose(let text): breakOff(text, context)
        case .close: context.close(promise: nil)
        case .hang: isWaiting = true
        case .hold(let gate): wait(for: gate, context, then: usual)
        case .acceptAndClose:
            if let transaction { shared.accept(transaction) }
            context.close(promise: nil)
        case .acceptAndHang:
            if let transaction { shared.accept(transaction) }
            isWaiting = true
        }
    }

    private func wait(
        for gate: Gate, _ context: ChannelHandlerContext,
        then usual: @escaping (SMTPConnectionHandler, ChannelHandlerContext) -> Void
    ) {
        isWaiting = true
        let opened = context.eventLoop.makeFutureWithTask { try await gate.passed() }
        let loopBound = NIOLoopBound((self, context, usual), eventLoop: context.eventLoop)
        opened.whenComplete { _ in
            let (handler, context, usual) = loopBound.value
            guard context.channel.isActive else { return }
            handler.isWaiting = false
            usual(handler, context)
            handler.processInput(context)
        }
    }

    // MARK: Output

    private func perform(_ step: SMTPSession.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .reply(let lines): write(lines, context)
        case .data(let lines):
            message = SMTPDataReader()
            write(lines, context)
        case .close(let lines): breakOff(lines.joined(separator: "\n"), context)
        case .startTLS(let lines):
            write(lines, context)
            // Whatever came in clear behind the command is not believed (RFC 3207 §4.2).
            input.clear()
            session.tlsStarted()
            try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        }
    }

    private func breakOff(_ reply: String, _ context: ChannelHandlerContext) {
        isWaiting = true
        write(reply.split(separator: "\n").map(String.init), context)
        context.close(promise: nil)
    }

    private func write(_ lines: [String], _ context: ChannelHandlerContext) {
        flushViolations()
        let text = lines.map { $0 + "\r\n" }.joined()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    private func flushViolations() { shared.note(violations: session.violations, of: number) }
}

extension UnsafeRawBufferPointer {
    /// Where the first such octet is. Messages of megabytes come through here, also in builds without optimisation.
    func offset(of octet: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, CInt(octet), count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
