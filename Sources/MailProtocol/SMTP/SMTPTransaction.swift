import Diagnostics
import MailModel

/// One message on its way through MAIL, RCPT, DATA and the final dot (RFC 5321 §3.3).
///
/// With PIPELINING the commands go out in groups of bounded size, DATA at the end of the last (RFC 2920 §3.1), else
/// one by one.
struct SMTPTransaction: Sendable {
    enum Step: Equatable {
        case wait
        case send(ClientLine)
        case sendContent
        case finish
        case finishAndClose(Failure?)
    }

    private enum Command: Equatable {
        case reset, mail
        /// RCPT, with the recipient's position.
        case recipient(Int)
        case data
        /// The dot after a DATA that was accepted although no recipient was (RFC 2920 §3.1).
        case loneDot
        case finalDot
    }

    private enum Phase: Equatable {
        /// Commands go out. Exits: `contentIsDue`, `over`, `broken`.
        case envelope
        /// 354 came. Exit: `content`.
        case contentIsDue
        /// The content is being sent. Exits: `marker`, `broken`.
        case content
        /// The marker is being committed. Exits: `dotSent`, `broken`.
        case marker
        /// Exits: `over`, `broken`; `marker` when the dot could not be sent after all.
        case dotSent
        case over
        /// Over, and the connection is of no more use.
        case broken(Failure?)
    }

    let envelope: SMTPEnvelope
    /// The server may hold this transaction when it is over.
    private(set) var needsReset: Bool

    private let capabilities: SMTPCapabilities
    private var phase = Phase.envelope
    /// Commands without a reply, in the order they were sent.
    private var outstanding: ArraySlice<Command> = []
    private var outcomes: [SMTPOutcome?]
    /// Recipients the server said yes to so far.
    private var acceptedRecipients: [Int: SMTPReply] = [:]
    private var mailWasSent = false
    private var dataWasSent = false
    private var nextRecipient = 0
    /// What ended the transaction for all recipients that have no outcome of their own.
    private var failure: Failure?
    private var loneDotIsDue = false

    init(_ envelope: SMTPEnvelope, capabilities: SMTPCapabilities, needsReset: Bool) {
        self.envelope = envelope
        self.capabilities = capabilities
        self.needsReset = needsReset
        outcomes = Array(repeating: nil, count: envelope.recipients.count)
        checkBeforehand()
    }

    /// What became of the recipients; those without an outcome of their own share the transaction's.
    var result: SMTPResult {
        let rest = SMTPOutcome.deferred(failure ?? SMTPTransaction.unfinished)
        let outcomes = outcomes.map { $0 ?? failure.map { SMTPOutcome($0) } ?? rest }
        let nobodyWasAccepted = !outcomes.contains { if case .accepted = $0 { true } else { false } }
        return SMTPResult(outcomes: nobodyWasAccepted ? outcomes.map(SMTPTransaction.notAtOnce) : outcomes)
    }

    // MARK: What is next

    mutating func next() -> Step {
        switch phase {
        case .over: return .finish
        case .broken(let reason): return .finishAndClose(reason)
        case .contentIsDue:
            phase = .content
            return .sendContent
        case .content, .marker, .dotSent: return .wait
        case .envelope: break
        }
        if loneDotIsDue {
            loneDotIsDue = false
            return send([.loneDot])
        }
        guard outstanding.isEmpty else { return .wait }
        let group = nextGroup()
        guard !group.isEmpty else {
            phase = .over
            return .finish
        }
        return send(group)
    }

    /// The commands that can go out now; none when the transaction cannot go on.
    private mutating func nextGroup() -> [Command] {
        guard failure == nil, outcomes.contains(where: { $0 == nil }) else { return [] }
        let room = capabilities.hasPipelining ? SMTPLimits.commandsAtOnce : 1
        var group: [Command] = needsReset && !mailWasSent ? [.reset] : []
        if group.count < room, !mailWasSent {
            group.append(.mail)
            mailWasSent = true
        }
        while group.count < room, nextRecipient < outcomes.count {
            // Those that were refused beforehand are left out.
            if outcomes[nextRecipient] == nil { group.append(.recipient(nextRecipient)) }
            nextRecipient += 1
        }
        // DATA needs a recipient: one that was accepted, or one that is asked for in the same group.
        let asksForRecipient = group.contains { if case .recipient = $0 { true } else { false } }
        if nextRecipient == outcomes.count, group.count < room, !dataWasSent,
            asksForRecipient || !acceptedRecipients.isEmpty
        {
            group.append(.data)
            dataWasSent = true
        }
        return group
    }

    private mutating func send(_ group: [Command]) -> Step {
        outstanding += group
        return .send(ClientLine(octets: group.flatMap { Array(line($0).utf8) + Array("\r\n".utf8) }))
    }

    private func line(_ command: Command) -> String {
        switch command {
        case .reset: "RSET"
        case .mail: mailLine
        case .recipient(let position): "RCPT TO:<\(envelope.recipients[position])>"
        case .data: "DATA"
        case .loneDot, .finalDot: "."
        }
    }

    private var mailLine: String {
        var line = "MAIL FROM:<\(envelope.reversePath?.description ?? "")>"
        if capabilities.hasSize, let size = envelope.size { line += " SIZE=\(size)" }
        if capabilities.has8BitMIME, envelope.is8Bit { line += " BODY=8BITMIME" }
        if needsSMTPUTF8 { line += " SMTPUTF8" }
        return line
    }

    private var needsSMTPUTF8: Bool {
        envelope.hasInternationalizedHeader || envelope.reversePath?.isInternationalized == true
            || zip(envelope.recipients, outcomes).contains { $0.isInternationalized && $1 == nil }
    }

    /// The outcomes that nothing can change any more.
    var settled: [Int: SMTPOutcome] {
        Dictionary(
            uniqueKeysWithValues: outcomes.enumerated().compactMap { position, outcome in
                outcome.map { (position, $0) }
            })
    }

    func replyTimeout(_ timeouts: SMTPTimeouts) -> Duration? {
        switch outstanding.first {
        case nil: nil
        case .reset: timeouts.reset
        case .mail: timeouts.mail
        case .recipient: timeouts.recipient
        case .data: timeouts.data
        case .loneDot, .finalDot: timeouts.finalDot
        }
    }

    /// What the server is to answer next; the content, where it is on its way.
    var stage: SMTPStage { outstanding.first.map(stage) ?? .content }

    // MARK: What happened

    mutating func contentSent() {
        precondition(phase == .content, "Content is sent once it was asked for.")
        phase = .marker
    }

    mutating func markerCommitted() {
        precondition(phase == .marker, "The marker is committed once it was asked for.")
        phase = .dotSent
        outstanding.append(.finalDot)
    }

    mutating func finalDotWithheld() {
        precondition(phase == .dotSent, "Only a dot that was to be sent can be withheld.")
        phase = .marker
        outstanding = []
    }

    /// The connection is gone, or of no use.
    mutating func end(_ reason: Failure) {
        if phase == .dotSent {
            settleAccepted { _ in .inDoubt(reason) }
        } else if failure == nil {
            failure = SMTPTransaction.interrupted(reason)
        }
        phase = .broken(reason)
    }

    mutating func take(_ reply: SMTPReply) {
        guard let command = outstanding.popFirst() else { return takeEarly(reply) }
        switch command {
        case .reset: takeReset(reply)
        case .mail: takeMail(reply)
        case .recipient(let position): takeRecipient(reply, position)
        case .data: takeData(reply)
        case .loneDot: break
        case .finalDot: takeFinalDot(reply)
        }
        // The server hangs up after 421, whatever it was the reply to (RFC 5321 §3.8).
        if reply.code == 421, !isBroken {
            if failure == nil { failure = SMTPClassifier.classify(reply, at: stage(command)) }
            phase = .broken(failure)
        }
    }

    private var isBroken: Bool { if case .broken = phase { true } else { false } }

    private func stage(_ command: Command) -> SMTPStage {
        switch command {
        case .reset: .reset
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .loneDot, .finalDot: .content
        }
    }

    private mutating func takeReset(_ reply: SMTPReply) {
        needsReset = !reply.isPositive
        if !reply.isPositive { end(SMTPClassifier.classify(reply, at: .reset)) }
    }

    private mutating func takeMail(_ reply: SMTPReply) {
        guard !reply.isPositive else {
            needsReset = true
            return
        }
        if reply.isIntermediate { return end(SMTPTransaction.outOfStep(reply)) }
        failure = SMTPClassifier.classify(reply, at: .mail)
    }

    private mutating func takeRecipient(_ reply: SMTPReply, _ position: Int) {
        if reply.isIntermediate { return end(SMTPTransaction.outOfStep(reply)) }
        if reply.isPositive {
            acceptedRecipients[position] = reply
            return
        }
        // After a refused MAIL the replies to RCPT say only that MAIL is missing.
        guard failure == nil else { return }
        let refusal = SMTPClassifier.classify(reply, at: .recipient)
        // What concerns more than this message is no reason to go on with it.
        if refusal.scope > .message { failure = refusal } else { outcomes[position] = SMTPOutcome(refusal) }
    }

    private mutating func takeData(_ reply: SMTPReply) {
        if reply.code == 354 {
            if failure == nil, !acceptedRecipients.isEmpty {
                phase = .contentIsDue
            } else if acceptedRecipients.isEmpty {
                loneDotIsDue = true
            } else {
                // A dot would send an empty message to the recipients that were accepted.
                phase = .broken(failure)
            }
            return
        }
        guard reply.isTransient || reply.isPermanent else { return end(SMTPTransaction.outOfStep(reply)) }
        // Without a recipient the refusal of DATA says nothing new.
        if failure == nil, !acceptedRecipients.isEmpty { failure = SMTPClassifier.classify(reply, at: .data) }
    }

    private mutating func takeFinalDot(_ reply: SMTPReply) {
        needsReset = false
        if reply.isPositive {
            settleAccepted { _ in .accepted(reply) }
            phase = .over
        } else if reply.isIntermediate {
            end(SMTPTransaction.outOfStep(reply))
        } else {
            failure = SMTPClassifier.classify(reply, at: .content)
            phase = .over
        }
    }

    /// A reply while the content is on its way: the server has given up on it. The dot is never sent.
    private mutating func takeEarly(_ reply: SMTPReply) {
        let isRefusal = reply.isTransient || reply.isPermanent
        failure = isRefusal ? SMTPClassifier.classify(reply, at: .content) : SMTPTransaction.outOfStep(reply)
        phase = .broken(failure)
    }

    private mutating func settleAccepted(_ outcome: (SMTPReply) -> SMTPOutcome) {
        for (position, reply) in acceptedRecipients where outcomes[position] == nil {
            outcomes[position] = outcome(reply)
        }
    }
}

extension SMTPTransaction {
    /// What the server said in EHLO that it would refuse is refused without asking it.
    private mutating func checkBeforehand() {
        if let size = envelope.size, let limit = capabilities.maximumSize, size > limit {
            failure = SMTPTransaction.refused(
                "The message has \(size) octets and the server takes at most \(limit). Send less, or send a link.")
        } else if envelope.is8Bit, !capabilities.has8BitMIME {
            failure = SMTPTransaction.refused(
                "The message has 8-bit content and the server takes only 7 bits (no 8BITMIME). Encode it as "
                    + "quoted-printable or base64.")
        } else if !capabilities.hasSMTPUTF8 {
            checkInternationalization()
        }
    }

    /// RFC 6531 §3.2: without SMTPUTF8 no address and no header field may leave ASCII.
    private mutating func checkInternationalization() {
        let advice = "and the server takes only ASCII (no SMTPUTF8)."
        if envelope.reversePath?.isInternationalized == true {
            failure = SMTPTransaction.refused("The sender's address has international characters \(advice)")
        } else if envelope.hasInternationalizedHeader {
            failure = SMTPTransaction.refused(
                "The header has characters outside ASCII \(advice) Write them as encoded words (RFC 2047).")
        }
        for (position, recipient) in envelope.recipients.enumerated() where recipient.isInternationalized {
            outcomes[position] = .failed(
                SMTPTransaction.refused("The recipient's address has international characters \(advice)"))
        }
    }

    /// The message that was on a connection when it broke is tried again on its own: it may be the reason why it
    /// broke, and must not keep the others waiting for ever. The connection's failure goes to the caller beside this.
    private static func interrupted(_ reason: Failure) -> Failure {
        var failure = reason
        failure.scope = .message
        if failure.retry == .never { failure.retry = .later(after: nil) }
        return failure
    }

    private static func refused(_ reason: String) -> Failure {
        Failure(.message, .never, operation: "send", reason: reason)
    }

    private static func outOfStep(_ reply: SMTPReply) -> Failure {
        Failure(
            .message, .later(after: nil), operation: "send",
            reason:
                "The server's reply does not fit the command; the connection is given up and the message tried "
                + "again.",
            serverLine: reply.serverLine)
    }

    private static var unfinished: Failure {
        Failure(.message, .later(after: nil), operation: "send", reason: "The message was not sent.")
    }

    /// `now` is for what the others' acceptance left over. Where nobody was accepted it would try for ever.
    private static func notAtOnce(_ outcome: SMTPOutcome) -> SMTPOutcome {
        guard case .deferred(var failure) = outcome, failure.retry == .now else { return outcome }
        failure.retry = .later(after: nil)
        return .deferred(failure)
    }
}
