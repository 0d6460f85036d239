import Diagnostics

/// The commands of one connection: which are in flight, which wait, and whose reply came.
///
/// Any number may be in flight; replies are matched by tag (RFC 3501 §5.5). Nothing is sent while a literal waits for its
/// continuation or the connection idles: those that come then wait here. Pipeline only commands by UID, because the
/// server may expunge between them.
public struct IMAPPipeline: Sendable {
    /// What one event led to.
    public struct Step: Sendable, Equatable {
        /// To be sent now, in order.
        public var send: [ClientLine] = []
        /// The command whose reply this was.
        public var completed: Completion?

        public init(send: [ClientLine] = [], completed: Completion? = nil) {
            self.send = send
            self.completed = completed
        }
    }

    public struct Completion: Sendable, Equatable {
        public var tag: IMAPTag
        public var operation: IMAPOperation
        public var reply: IMAPReply
    }

    /// What the next continuation of the server's is for.
    private enum Awaited: Sendable {
        case nothing
        /// The rest of a command goes out. Exits: `literal`, `nothing`.
        case literal(IMAPTag, rest: [ClientLine])
        /// IDLE was sent. Exits: `idling`, `nothing` when it is refused.
        case idle(IMAPTag)
        /// The server is idling with us. Exits: `nothing`, by its tagged reply after DONE.
        case idling(IMAPTag, isEnding: Bool)
    }

    private struct Waiting: Sendable {
        var tag: IMAPTag
        var command: IMAPCommand
    }

    /// The tag of the next command; carries over what signing in used up.
    public private(set) var nextTag: IMAPTag
    private let encoder: IMAPCommandEncoder
    private var inFlight: [IMAPTag: IMAPOperation] = [:]
    private var waiting: [Waiting] = []
    private var awaited = Awaited.nothing

    public init(nextTag: IMAPTag = IMAPTag(1), literals: IMAPLiterals = .synchronizing) {
        self.nextTag = nextTag
        encoder = IMAPCommandEncoder(literals: literals)
    }

    /// Whether no command is in flight or waiting.
    public var isIdle: Bool { inFlight.isEmpty && waiting.isEmpty }

    /// Whether the server tells by itself what happens, until `endIdle()`.
    public var isIdling: Bool {
        if case .idling(_, isEnding: false) = awaited { true } else { false }
    }

    /// Takes a command. What is to be sent is empty where the command must wait.
    ///
    /// - Throws: when `IMAPLimits.pipeline` commands are here already.
    public mutating func submit(_ command: IMAPCommand) throws(Failure) -> (tag: IMAPTag, send: [ClientLine]) {
        guard inFlight.count + waiting.count < IMAPLimits.pipeline else {
            throw .outOfStep("More than \(IMAPLimits.pipeline) commands were given to one IMAP connection.")
        }
        let tag = nextTag
        nextTag = nextTag.next
        waiting.append(Waiting(tag: tag, command: command))
        return (tag, sendWaiting())
    }

    /// Ends IDLE; what waited goes out after the server's reply. Nothing is sent when the connection does not idle.
    public mutating func endIdle() -> [ClientLine] {
        guard case .idling(let tag, isEnding: false) = awaited else { return [] }
        awaited = .idling(tag, isEnding: true)
        return [ClientLine("DONE")]
    }

    /// Takes every event; most lead to nothing.
    ///
    /// - Throws: when the server replies to what was not asked. The connection must be closed.
    public mutating func receive(_ event: IMAPEvent) throws(Failure) -> Step {
        switch event {
        case .continuation: return Step(send: try proceed())
        case .tagged(let tag, let reply): return try complete(tag, reply)
        default: return Step()
        }
    }

    private mutating func proceed() throws(Failure) -> [ClientLine] {
        switch awaited {
        case .literal(let tag, let rest):
            awaited = rest.count > 1 ? .literal(tag, rest: Array(rest.dropFirst())) : .nothing
            return Array(rest.prefix(1)) + sendWaiting()
        case .idle(let tag):
            awaited = .idling(tag, isEnding: false)
            return []
        case .idling:
            // Some servers repeat their continuation to keep the connection alive.
            return []
        case .nothing: throw .outOfStep("The server asked for more although nothing was left to say.")
        }
    }

    private mutating func complete(_ tag: IMAPTag, _ reply: IMAPReply) throws(Failure) -> Step {
        guard let operation = inFlight.removeValue(forKey: tag) else {
            throw .outOfStep("The server replied to a command that is not under way.", line: "\(tag) \(reply.line)")
        }
        // A refused literal or IDLE, or one that ended.
        if awaitedTag == tag { awaited = .nothing }
        return Step(
            send: sendWaiting(), completed: Completion(tag: tag, operation: operation, reply: reply))
    }

    private var awaitedTag: IMAPTag? {
        switch awaited {
        case .nothing: nil
        case .literal(let tag, _), .idle(let tag), .idling(let tag, _): tag
        }
    }

    private mutating func sendWaiting() -> [ClientLine] {
        var lines: [ClientLine] = []
        while case .nothing = awaited, !waiting.isEmpty {
            let next = waiting.removeFirst()
            let encoded = encoder.encode(next.command, tag: next.tag)
            inFlight[next.tag] = next.command.operation
            lines += encoded.prefix(1)
            if encoded.count > 1 { awaited = .literal(next.tag, rest: Array(encoded.dropFirst())) }
            if next.command.isIdle { awaited = .idle(next.tag) }
        }
        return lines
    }
}
