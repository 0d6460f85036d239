import Diagnostics
import MailModel

/// The client's side of POP3, from the capabilities on (RFC 1939, RFC 2449, RFC 5034): signs in, then runs commands.
///
/// It decides and never waits: what arrived goes in, what is to be done comes out. Commands given together go out
/// together where the server has PIPELINING, else one by one; replies belong to them by position. Messages come as a
/// stream.
public struct POP3Session: Sendable {
    private enum State: Sendable {
        /// Exits: all others.
        case ready
        /// Exits: `ready`, `cancelling`, `closed`.
        case signingIn(POP3SignIn)
        /// A command's status line is awaited. Exits: `body`, `ready`, `closed`.
        case status
        /// The lines of a multi-line reply come. Exits: `status`, `ready`, `closed`.
        case body(POP3Body)
        case closed
    }

    /// What the server said before signing in, or after, once `capa` was sent again.
    public private(set) var capabilities: POP3Capabilities

    /// What was said, for a trace.
    public var heard = HeardLines()

    private var state = State.ready
    /// Commands without a final reply, in the order they were sent.
    private var outstanding: ArraySlice<POP3Command> = []
    /// Commands that are not sent yet.
    private var waiting: ArraySlice<POP3Command> = []
    private var line: [UInt8] = []
    /// Lines that came before the first reply; the connection's beginning was read by somebody else.
    private var leftovers = 0
    private var hasReply = false

    public init(capabilities: POP3Capabilities) { self.capabilities = capabilities }

    public var isClosed: Bool { if case .closed = state { true } else { false } }
    /// Whether nothing is on its way.
    public var isReady: Bool { if case .ready = state { true } else { false } }

    // MARK: Commands

    /// Begins to sign in with SASL. The session must be ready.
    ///
    /// - Parameter fallback: another mechanism, tried when the server refuses the first one without having looked at the
    ///   token.
    public mutating func authenticate(_ exchange: SASLExchange, orElse fallback: SASLExchange? = nil) -> [POP3Action]
    {
        precondition(isReady, "A sign-in begins between commands.")
        return begin(POP3SignIn(exchange, orElse: fallback))
    }

    /// Begins to sign in with USER and PASS, for servers that have nothing else (RFC 1939 §7).
    ///
    /// - Throws: when the credential is no password, or has characters that would end the line.
    public mutating func authenticate(
        withUserAndPassword credential: SASLCredential
    ) throws(Failure) -> [POP3Action] {
        precondition(isReady, "A sign-in begins between commands.")
        return begin(try POP3SignIn(userAndPassword: credential))
    }

    private mutating func begin(_ signIn: POP3SignIn) -> [POP3Action] {
        state = .signingIn(signIn)
        return [.send(signIn.firstLine)]
    }

    /// Runs commands, in this order, after those that are on their way already.
    public mutating func run(_ commands: [POP3Command]) -> [POP3Action] {
        switch state {
        case .signingIn: preconditionFailure("Commands run after the sign-in.")
        case .closed:
            // The server may have ended the session in the octets that came with its last reply.
            let failure = POP3Session.isOver
            return commands.map { .refused($0, failure) } + [.close(failure)]
        case .ready, .status, .body: break
        }
        waiting += commands
        return sendWaiting()
    }

    private mutating func sendWaiting() -> [POP3Action] {
        let limit = capabilities.hasPipelining ? POP3Limits.commandsAtOnce : 1
        // Half a window at a time, so that commands go out in groups and not one for each reply.
        guard outstanding.count <= limit / 2, !waiting.isEmpty else { return [] }
        let group = waiting.prefix(limit - outstanding.count)
        waiting = waiting.dropFirst(group.count)
        outstanding += group
        if case .ready = state { state = .status }
        return [.send(ClientLine(octets: group.flatMap { Array($0.line.utf8) + Array("\r\n".utf8) }))]
    }

    // MARK: Events

    /// Octets arrived from the server.
    public mutating func receive(_ octets: ArraySlice<UInt8>) -> [POP3Action] {
        octets.withUnsafeBytes { receive($0) }
    }

    /// Octets arrived from the server.
    public mutating func receive(_ octets: UnsafeRawBufferPointer) -> [POP3Action] {
        var actions: [POP3Action] = []
        var rest = octets
        while !isClosed, !rest.isEmpty {
            let used: Int
            if case .body(var body) = state {
                // The state is left empty meanwhile, so that the body's buffers are not copied.
                state = .status
                used = take(&body, rest, &actions)
            } else {
                used = takeLine(rest, &actions)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
        }
        return actions
    }

    /// The connection broke or a reply took too long.
    public mutating func connectionEnded(_ failure: Failure) -> [POP3Action] {
        defer { state = .closed }
        switch state {
        case .closed: return []
        case .ready: return [.close(nil)]
        case .signingIn: return [.signInFailed(failure), .close(failure)]
        case .status, .body:
            return (outstanding + waiting).map { .refused($0, failure) } + [.close(failure)]
        }
    }

    // MARK: Lines

    private mutating func takeLine(_ octets: UnsafeRawBufferPointer, _ actions: inout [POP3Action]) -> Int {
        let part = octets.prefix { $0 != .lineFeed }
        guard line.count + part.count <= POP3Limits.statusLine else {
            actions += connectionEnded(outOfStep("It sent a line of more than \(POP3Limits.statusLine) octets."))
            return octets.count
        }
        line.append(contentsOf: part)
        guard part.count < octets.count else { return octets.count }
        let hasReturn = line.last == .carriageReturn
        if hasReturn { line.removeLast() }
        let whole = line
        line.removeAll(keepingCapacity: true)
        actions += take(whole, endsWithLineFeed: !hasReturn)
        return part.count + 1
    }

    private mutating func take(_ line: [UInt8], endsWithLineFeed: Bool) -> [POP3Action] {
        if case .signingIn(var signIn) = state, line.first == UInt8(ascii: "+"), POP3Status(line) == nil {
            hasReply = true
            heard.add("+ " + HeardLines.challenge(line.dropFirst().trimmed))
            let answer = signIn.answer(line.dropFirst())
            state = .signingIn(signIn)
            return [.send(answer)]
        }
        guard let status = POP3Status(line) else {
            heard.add(HeardLines.size(line.count, of: "that are no reply"))
            // The end of what was said while the connection was made may still be on its way.
            leftovers += 1
            guard !hasReply, leftovers <= POP3Limits.leftovers else {
                return connectionEnded(outOfStep("Its line is no reply: \(shown(line))"))
            }
            return []
        }
        hasReply = true
        heard.add(line[...].text)
        switch state {
        case .closed, .body: return []
        case .ready:
            state = .closed
            return [.close(POP3Classifier.unasked(status))]
        case .signingIn(let signIn): return take(status, signIn)
        case .status: return take(status, endsWithLineFeed: endsWithLineFeed)
        }
    }

    private mutating func take(_ status: POP3Status, _ signIn: POP3SignIn) -> [POP3Action] {
        var signIn = signIn
        switch signIn.take(status, loginDelay: capabilities.loginDelay) {
        case .send(let line):
            state = .signingIn(signIn)
            return [.send(line)]
        case .signedIn:
            state = .ready
            return [.signedIn]
        case .failed(let failure):
            state = .ready
            return [.signInFailed(failure)]
        }
    }

    // MARK: Replies

    private mutating func take(_ status: POP3Status, endsWithLineFeed: Bool) -> [POP3Action] {
        guard let command = outstanding.first else {
            return connectionEnded(outOfStep("It sent more replies than there were commands."))
        }
        guard status.isPositive else {
            return finish(.refused(command, POP3Classifier.command(command, status)))
        }
        if command.isMultiline {
            state = .body(POP3Body(command, endsLinesWithLineFeed: endsWithLineFeed))
            return []
        }
        guard command == .stat else { return finish(.done(command)) }
        let numbers = status.text.split(separator: " ").prefix(2).map { Int64($0) }
        guard numbers.count == 2, let messages = numbers[0], let octets = numbers[1], messages >= 0 else {
            return connectionEnded(outOfStep("Its reply to STAT has no numbers: \(status.serverLine)"))
        }
        return [.mailbox(messages: Int(messages), octets: octets)] + finish(.done(command))
    }

    /// Gives how many octets belonged to the reply.
    private mutating func take(
        _ body: inout POP3Body, _ octets: UnsafeRawBufferPointer, _ actions: inout [POP3Action]
    ) -> Int {
        let used: Int
        do {
            used = try body.push(octets, into: &actions)
        } catch {
            actions += connectionEnded(error)
            return octets.count
        }
        guard body.isOver else {
            state = .body(body)
            return used
        }
        heard.add(HeardLines.size(body.octets))
        heard.add(".")
        if body.command == .capa {
            capabilities = body.capabilities
            actions.append(.capabilities(capabilities))
        }
        actions += finish(.done(body.command))
        return used
    }

    private mutating func finish(_ end: POP3Action) -> [POP3Action] {
        let command = outstanding.removeFirst()
        guard command != .quit else {
            state = .closed
            return [end, .close(nil)]
        }
        let next = sendWaiting()
        state = outstanding.isEmpty ? .ready : .status
        return [end] + next
    }

    private static let isOver = Failure(
        .direction, .now, operation: "POP3", reason: "The server ended the session. A new one is opened.",
        condition: .sessionEnded)

    private func outOfStep(_ reason: String) -> Failure { POP3Session.outOfStep(reason) }

    static func outOfStep(_ reason: String) -> Failure {
        Failure(
            .direction, .later(after: nil), operation: "POP3",
            reason:
                "The server does not answer as a POP3 server does. \(reason) Check host, port and tls if this stays.")
    }

    private func shown(_ line: [UInt8]) -> String {
        String(decoding: line.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
