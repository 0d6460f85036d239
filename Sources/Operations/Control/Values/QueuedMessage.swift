import Diagnostics
import MailModel

/// One message of the outbound queue. Lists leave out `recipients` and `history`.
public struct QueuedMessage: Codable, Hashable, Sendable {
    public struct Recipient: Codable, Hashable, Sendable {
        public var address: String
        public var state: RecipientState
        public var attempts: Int
        /// The server's last word on it.
        public var reply: String?

        public init(address: String, state: RecipientState, attempts: Int = 0, reply: String? = nil) {
            self.address = address
            self.state = state
            self.attempts = attempts
            self.reply = reply
        }
    }

    public struct Attempt: Codable, Hashable, Sendable {
        public var number: Int
        public var started: Timestamp
        public var finished: Timestamp?
        public var outcome: String?
        public var reply: String?

        public init(
            number: Int, started: Timestamp, finished: Timestamp? = nil, outcome: String? = nil, reply: String? = nil
        ) {
            self.number = number
            self.started = started
            self.finished = finished
            self.outcome = outcome
            self.reply = reply
        }
    }

    public var id: String
    public var account: String
    public var state: QueueState
    /// The envelope's sender; empty: the null path of a report.
    public var sender: String
    public var recipientCount: Int
    public var octets: Int64
    public var created: Timestamp
    /// Attempts that count.
    public var attempts: Int
    public var nextAttempt: Timestamp?
    public var finished: Timestamp?
    /// Why it is held, deferred, failed or in doubt.
    public var reason: String?
    public var messageID: String?
    public var priority: Int
    public var recipients: [Recipient]?
    public var history: [Attempt]?

    enum CodingKeys: String, CodingKey {
        case id, account, state, sender
        case recipientCount = "recipient_count"
        case octets, created, attempts
        case nextAttempt = "next_attempt"
        case finished, reason
        case messageID = "message_id"
        case priority, recipients, history
    }

    public init(
        id: String, account: String, state: QueueState, sender: String, recipientCount: Int, octets: Int64,
        created: Timestamp, attempts: Int = 0, nextAttempt: Timestamp? = nil, finished: Timestamp? = nil,
        reason: String? = nil, messageID: String? = nil, priority: Int = 0, recipients: [Recipient]? = nil,
        history: [Attempt]? = nil
    ) {
        self.id = id
        self.account = account
        self.state = state
        self.sender = sender
        self.recipientCount = recipientCount
        self.octets = octets
        self.created = created
        self.attempts = attempts
        self.nextAttempt = nextAttempt
        self.finished = finished
        self.reason = reason
        self.messageID = messageID
        self.priority = priority
        self.recipients = recipients
        self.history = history
    }
}

extension QueueState: Codable {}
extension RecipientState: Codable {}
