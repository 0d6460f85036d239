import Diagnostics
import MailModel
import MailProtocol
import Store

/// Takes a message into an account's queue: checked, completed, and durable before its id is given out.
public struct Intake: Sendable {
    /// A message somebody wants to send, without its content.
    public struct Request: Sendable {
        /// Given with the message, beside those that its header names.
        public var recipients: [MailAddress]
        /// To, Cc and Bcc name recipients too (sendmail's `-t`).
        public var takesRecipientsFromHeader = false
        /// The envelope's sender.
        public var sender = Sender.author
        /// For a From field that is missing; `nil`: such a message is refused.
        public var missingFrom: NamedAddress?
        /// A line with nothing but a dot ends the message (sendmail without `-i`).
        public var loneDotEndsMessage = false
        /// The same key with the same message is the same message.
        public var idempotencyKey: String?
        public var priority = 0
        public var notBefore: Timestamp?

        public init(recipients: [MailAddress] = []) { self.recipients = recipients }

        public enum Sender: Sendable {
            /// The first address in From.
            case author
            case address(MailAddress)
            /// The null path of reports and automatic replies, which nobody answers (RFC 5321 §4.5.5).
            case null
        }
    }

    private let account: Account
    private let settings: SendSettings
    private let accountID: AccountID
    private let environment: SendingEnvironment

    public init(account: Account, settings: SendSettings, accountID: AccountID, environment: SendingEnvironment) {
        self.account = account
        self.settings = settings
        self.accountID = accountID
        self.environment = environment
    }

    /// Reads `content` to its end and queues it.
    ///
    /// - Returns: once the message is durable.
    /// - Throws: `Failure`: scope message when it is refused, scope daemon when it cannot be stored; nothing is kept then.
    public func accept(
        _ request: Request, content: some AsyncSequence<[UInt8], any Error> & Sendable
    ) async throws -> Receipt {
        let origin = try await origin(of: request)
        var intake = MessageIntake(options(request, origin))
        var generator = SystemRandomNumberGenerator()
        let writer = try environment.store.bodyWriter(
            limit: Limits.messageSize, at: environment.clock.now, using: &generator)
        for try await piece in content {
            var stored: [UInt8] = []
            try intake.push(piece[...], into: &stored)
            if !stored.isEmpty { try await writer.append(stored[...]) }
            if intake.hasEnded { break }
        }
        var rest: [UInt8] = []
        let message = try intake.finish(into: &rest)
        if !rest.isEmpty { try await writer.append(rest[...]) }
        let submission = try submission(request, message)
        let body = try await writer.finish()
        let receipt = try await environment.store.write { transaction in
            try transaction.queue.accept(submission, body: body, at: origin.date)
        }
        if receipt.isNew {
            environment.log.record(
                .messageQueued(
                    account.name, queueID: receipt.id.description, from: submission.reversePath,
                    recipients: submission.recipients.count, octets: body.size, messageID: submission.messageID))
        }
        return receipt
    }

    // MARK: Parts

    /// What a message without Date and Message-ID gets. A repeat under the same key gets the same, or it would be another
    /// message.
    private struct Origin {
        var date: Timestamp
        var messageID: MessageID
    }

    private func origin(of request: Request) async throws -> Origin {
        let domain = account.address.split(separator: "@").last.map(String.init) ?? "localhost"
        var generator = SystemRandomNumberGenerator()
        var unique = DeliveryKey(using: &generator).description
        var date = environment.clock.now
        if let key = request.idempotencyKey {
            var hash = ContentHash.Stream()
            hash.push(Array("\(accountID)\n\(key)".utf8)[...])
            unique = String(hash.finish().description.prefix(32))
            let known = try await environment.store.read { [accountID] in
                try $0.queue.find(accountID, idempotencyKey: key)
            }
            date = known?.created ?? date
        }
        guard let messageID = MessageID("<\(unique)@\(domain)>") else {
            throw Failure(
                .message, .whenReconfigured(by: .operatorOfPostbote), operation: "accept",
                reason: "The account's address \(account.address) has no domain for a Message-ID.")
        }
        return Origin(date: date, messageID: messageID)
    }

    private func options(_ request: Request, _ origin: Origin) -> IntakeOptions {
        var options = IntakeOptions(recipients: request.recipients, messageID: origin.messageID, date: origin.date)
        options.takesRecipientsFromHeader = request.takesRecipientsFromHeader
        options.loneDotEndsMessage = request.loneDotEndsMessage
        options.maximumSize = Limits.messageSize
        if let from = request.missingFrom { options.missingFrom = .use(from) }
        return options
    }

    private func submission(_ request: Request, _ message: OutgoingMessage) throws -> Submission {
        let reversePath: MailAddress? =
            switch request.sender {
            case .author: message.from[0].address
            case .address(let address): address
            case .null: nil
            }
        for sender in message.from.map(\.address) + [reversePath].compactMap(\.self) where !maySend(as: sender) {
            throw Failure(
                .message, .never, operation: "accept",
                reason: "\(sender) may not be a sender of account \(account.name). It allows "
                    + "\(settings.from.joined(separator: ", ")): use one of these, or add it to send.from.",
                place: ["account": account.name.text])
        }
        var submission = Submission(
            account: accountID, reversePath: reversePath?.description ?? "",
            recipients: message.recipients.map(\.description))
        submission.messageID = message.messageID.description
        submission.needs8BitMIME = message.is8Bit
        submission.needsSMTPUTF8 = message.hasInternationalizedHeader
        submission.idempotencyKey = request.idempotencyKey
        submission.priority = request.priority
        submission.notBefore = request.notBefore
        return submission
    }

    private func maySend(as sender: MailAddress) -> Bool {
        settings.from.contains { allowed in
            allowed.hasPrefix("@")
                ? "@" + sender.domain.lowercased() == allowed.lowercased()
                : sender.folded == allowed.lowercased()
        }
    }
}
