import Diagnostics
import MailModel

/// The client's side of SMTP submission, from EHLO's reply on (RFC 5321, RFC 6409): signs in, then submits any number
/// of messages on one connection.
///
/// It decides and never waits: what arrived goes in, what is to be done comes out. Replies belong to commands by
/// their position only (RFC 2920 §3.1). One that belongs to none ends the session: a connection out of step is not
/// used again.
public struct SMTPSession: Sendable {
    private enum State: Sendable {
        /// No command is waiting for a reply. Exits: all others.
        case ready
        /// Exits: `ready`, `cancelling`, `closed`.
        case signingIn(SASLExchange)
        /// `*` was sent, for the reason given. Exits: `ready`, `closed`.
        case cancelling(Failure)
        /// Exits: `ready`, `closed`.
        case sending(SMTPTransaction)
        /// MAIL FROM was sent for its reply alone. Exits: `takingBack`, `closed`.
        case asking
        /// RSET was sent, after the server's word on the sender: `nil` when it took it. Exits: `ready`, `closed`.
        case takingBack(Failure?)
        /// Exit: `closed`.
        case quitting
        case closed
    }

    public let capabilities: SMTPCapabilities
    /// What was said, for a trace.
    public var heard = HeardLines()
    private let timeouts: SMTPTimeouts
    private var parser = SMTPReplyParser()
    private var state = State.ready
    /// The server may still hold an unfinished transaction.
    private var needsReset = false
    /// The last sign-in failed for its mechanism: a verdict on the credential would be the same in every mechanism, so
    /// only then another one is worth a try.
    public private(set) var refusedMechanismAlone = false

    public init(capabilities: SMTPCapabilities, timeouts: SMTPTimeouts = SMTPTimeouts()) {
        self.capabilities = capabilities
        self.timeouts = timeouts
    }

    public var isClosed: Bool { if case .closed = state { true } else { false } }
    /// Whether a sign-in or message can begin.
    public var isReady: Bool { if case .ready = state { true } else { false } }

    /// What is decided already of the message on its way, by the recipient's position: these are never in doubt.
    public var settled: [Int: SMTPOutcome] {
        guard case .sending(let transaction) = state else { return [:] }
        return transaction.settled
    }

    /// How long the reply that is due may take; `nil` when none is due. Each reply starts it anew.
    public var replyTimeout: Duration? {
        switch state {
        case .ready, .closed: nil
        case .signingIn, .cancelling: timeouts.signIn
        case .sending(let transaction): transaction.replyTimeout(timeouts)
        case .asking: timeouts.mail
        case .takingBack: timeouts.reset
        case .quitting: timeouts.quit
        }
    }

    /// What the server is to answer next.
    public var stage: SMTPStage {
        switch state {
        case .ready, .quitting, .closed: .idle
        case .signingIn, .cancelling: .signIn
        case .sending(let transaction): transaction.stage
        case .asking: .mail
        case .takingBack: .reset
        }
    }

    // MARK: Commands

    /// Begins to sign in. The session must be ready.
    ///
    /// The initial response goes with the command only when the line stays within the limit of 512 octets (RFC 4954
    /// §4).
    public mutating func authenticate(_ exchange: SASLExchange) -> [SMTPAction] {
        precondition(isReady, "A sign-in begins between commands.")
        refusedMechanismAlone = false
        let command = "AUTH \(exchange.mechanism.rawValue)"
        var withResponse = exchange
        if let response = withResponse.initialResponse() {
            let line = ClientLine(command: command, secret: response.isEmpty ? Secret("=") : response)
            if line.count <= SMTPLimits.commandLine {
                state = .signingIn(withResponse)
                return [.send(line)]
            }
        }
        state = .signingIn(exchange)
        return [.send(ClientLine(command))]
    }

    /// Begins to submit a message. The session must be ready, and signed in where the server wants that.
    public mutating func submit(_ envelope: SMTPEnvelope) -> [SMTPAction] {
        precondition(isReady, "A message begins between commands.")
        let transaction = SMTPTransaction(envelope, capabilities: capabilities, needsReset: needsReset)
        return proceed(transaction)
    }

    /// Asks whether the server takes `sender` as a reverse-path, and takes the question back: nothing is sent (RFC 5321
    /// §4.1.1.5). The session must be ready.
    public mutating func ask(about sender: MailAddress) -> [SMTPAction] {
        precondition(isReady, "A question is asked between commands.")
        if let defect = sender.defect {
            let refusal = Failure(.message, .never, operation: "MAIL FROM", reason: "The sender's address \(defect).")
            return [.senderChecked(refusal)]
        }
        guard !sender.isInternationalized || capabilities.hasSMTPUTF8 else {
            let reason = "The address has international characters and the server takes only ASCII (no SMTPUTF8)."
            return [.senderChecked(Failure(.message, .never, operation: "MAIL FROM", reason: reason))]
        }
        state = .asking
        return [.send(ClientLine("MAIL FROM:<\(sender)>\(sender.isInternationalized ? " SMTPUTF8" : "")"))]
    }

    /// Says good-bye. A session that is not ready is closed at once.
    public mutating func quit() -> [SMTPAction] {
        guard isReady else {
            defer { state = .closed }
            return isClosed ? [] : [.close(nil)]
        }
        state = .quitting
        return [.send(ClientLine("QUIT"))]
    }

    // MARK: Events

    /// Octets arrived from the server.
    public mutating func receive(_ octets: some Collection<UInt8>) -> [SMTPAction] {
        guard !isClosed else { return [] }
        var replies: [SMTPReply] = []
        var broken: Failure?
        do { try parser.push(octets, into: &replies) } catch { broken = error }
        var actions: [SMTPAction] = []
        for reply in replies where !isClosed {
            heard.add(reply.heard)
            actions += take(reply)
        }
        if let broken, !isClosed { actions += end(broken) }
        return actions
    }

    /// The content was sent, all but the final dot.
    public mutating func contentSent() -> [SMTPAction] {
        guard case .sending(var transaction) = state else { return [] }
        transaction.contentSent()
        state = .sending(transaction)
        return [.commitMarker]
    }

    /// The marker is durable.
    public mutating func markerCommitted() -> [SMTPAction] {
        // A reply that came early has ended the message meanwhile; then the dot is never sent.
        guard case .sending(var transaction) = state else { return [] }
        transaction.markerCommitted()
        state = .sending(transaction)
        return [.sendFinalDot(ClientLine(octets: DotStuffer.finalDot))]
    }

    /// The final dot was to be sent and could not be, no octet of it: the server has not got the whole message.
    ///
    /// - Parameter lastWords: as in `connectionEnded`.
    public mutating func finalDotWithheld(_ failure: Failure, lastWords: [UInt8] = []) -> [SMTPAction] {
        guard case .sending(var transaction) = state else { return [] }
        transaction.finalDotWithheld()
        state = .sending(transaction)
        return connectionEnded(failure, lastWords: lastWords)
    }

    /// The connection broke, a reply took too long, or the content could not be read. Before the final dot nothing
    /// has been sent; after it, without a reply, the message is in doubt.
    ///
    /// - Parameter lastWords: what the server had said and nobody has read yet: often why it hung up.
    public mutating func connectionEnded(_ failure: Failure, lastWords: [UInt8] = []) -> [SMTPAction] {
        // There is nobody any more to send to.
        receive(lastWords).filter(\.isResult) + end(failure)
    }

    private mutating func end(_ failure: Failure) -> [SMTPAction] {
        defer { state = .closed }
        switch state {
        case .closed: return []
        case .ready, .quitting: return [.close(nil)]
        case .signingIn, .cancelling: return [.signInFailed(failure), .close(failure)]
        case .asking: return [.senderChecked(failure), .close(failure)]
        // What the server said of the sender is known.
        case .takingBack(let refusal): return [.senderChecked(refusal), .close(failure)]
        case .sending(var transaction):
            transaction.end(failure)
            return [.finished(transaction.result), .close(failure)]
        }
    }

    // MARK: Replies

    private mutating func take(_ reply: SMTPReply) -> [SMTPAction] {
        switch state {
        case .closed: return []
        case .ready:
            state = .closed
            return [.close(SMTPClassifier.classify(reply, at: .idle))]
        case .quitting:
            state = .closed
            return [.close(nil)]
        case .signingIn(let exchange): return take(reply, exchange)
        case .cancelling(let reason):
            return signInFailed(reason, after: reply)
        case .sending(var transaction):
            transaction.take(reply)
            return proceed(transaction)
        case .asking:
            let refusal = reply.isPositive ? nil : SMTPClassifier.classify(reply, at: .mail)
            // The server hangs up after 421, and after 3yz nobody knows what it waits for.
            guard reply.code != 421, !reply.isIntermediate else {
                state = .closed
                return [.senderChecked(refusal), .close(refusal)]
            }
            state = .takingBack(refusal)
            return [.send(ClientLine("RSET"))]
        case .takingBack(let refusal):
            guard reply.isPositive else {
                state = .closed
                return [.senderChecked(refusal), .close(SMTPClassifier.classify(reply, at: .reset))]
            }
            state = .ready
            return [.senderChecked(refusal)]
        }
    }

    private mutating func proceed(_ transaction: SMTPTransaction) -> [SMTPAction] {
        var transaction = transaction
        switch transaction.next() {
        case .wait:
            state = .sending(transaction)
            return []
        case .send(let line):
            state = .sending(transaction)
            return [.send(line)]
        case .sendContent:
            state = .sending(transaction)
            return [.sendContent]
        case .finish:
            needsReset = transaction.needsReset
            state = .ready
            return [.finished(transaction.result)]
        case .finishAndClose(let reason):
            state = .closed
            return [.finished(transaction.result), .close(reason)]
        }
    }

    // MARK: Signing in

    private mutating func take(_ reply: SMTPReply, _ exchange: SASLExchange) -> [SMTPAction] {
        var exchange = exchange
        switch reply.code {
        case 200...299:
            state = .ready
            return [.signedIn]
        case 334:
            do {
                let response = try exchange.respond(to: Array((reply.lines.last ?? "").utf8).trimmed)
                state = .signingIn(exchange)
                return [.send(ClientLine(secret: response))]
            } catch {
                state = .cancelling(error)
                return [.send(ClientLine("*"))]
            }
        default:
            var failure = SMTPClassifier.classify(reply, at: .signIn)
            // The error in the challenge says more than the refusal that follows it.
            if let error = exchange.serverError { failure = failure.at("token_error", error.description) }
            refusedMechanismAlone = SMTPSession.isAboutMechanism(reply, exchange)
            return signInFailed(failure, after: reply)
        }
    }

    /// A server may not know a mechanism that it offers, or refuse OAUTHBEARER for its host and port, without having
    /// looked at the token; one that has looked says so in a challenge or with an enhanced code.
    private static func isAboutMechanism(_ reply: SMTPReply, _ exchange: SASLExchange) -> Bool {
        if reply.code == 502 || reply.code == 504 { return true }
        return exchange.mechanism == .oauthBearer && !exchange.wasRefused && reply.isPermanent
            && reply.enhanced == nil
    }

    private mutating func signInFailed(_ failure: Failure, after reply: SMTPReply) -> [SMTPAction] {
        // The server hangs up after 421, and after 3yz nobody knows what it waits for.
        let isOver = reply.code == 421 || reply.isIntermediate
        state = isOver ? .closed : .ready
        return [.signInFailed(failure)] + (isOver ? [.close(failure)] : [])
    }
}
