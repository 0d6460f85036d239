import Diagnostics

/// What is known of a message in one folder: whether it was fetched, where it went, what becomes of the server's copy.
public struct FetchedMessage: Codable, Hashable, Sendable {
    /// What is still to be done with the server's copy.
    public struct Action: Codable, Hashable, Sendable {
        /// `seen delete move`.
        public var action: String
        /// Of a move: a role or a name.
        public var to: String?
        /// Who wants it: `after_fetch delete_after operator`.
        public var origin: String
        /// `planned begun copying copied`.
        public var phase: String
        /// `nil`: its time begins with the delivery.
        public var due: Timestamp?

        public init(action: String, to: String?, origin: String, phase: String, due: Timestamp?) {
            self.action = action
            self.to = to
            self.origin = origin
            self.phase = phase
            self.due = due
        }
    }

    /// It is to be delivered once more.
    public struct Redelivery: Codable, Hashable, Sendable {
        public var ordered: Timestamp
        /// `nil`: all of its folder's.
        public var destination: String?
        public var attempts: Int

        public init(ordered: Timestamp, destination: String?, attempts: Int) {
            self.ordered = ordered
            self.destination = destination
            self.attempts = attempts
        }
    }

    public var account: String
    public var folder: String
    /// `nil`: it was not found again after the folder moved.
    public var uid: UInt32?
    /// `staged delivered too_large skipped duplicate deferred quarantined gone`.
    public var state: String
    /// Why it was not delivered.
    public var reason: String?
    /// It may have been delivered before.
    public var doubtful: Bool
    public var deliveryKey: String?
    /// Octets that were fetched; of what was not fetched as the server says.
    public var octets: Int64?
    /// Its Date field.
    public var date: Timestamp?
    /// When it was written down.
    public var noted: Timestamp
    public var delivered: Timestamp?
    /// When Postbote removed the server's copy, or found it gone when it was to be removed.
    public var removed: Timestamp?
    /// The folder that Postbote moved it into, where it is not known there.
    public var movedTo: String?
    /// Where it went, or is to go.
    public var destinations: [String]
    /// How often it was asked for in vain, and when it is asked for again.
    public var attempts: Int?
    public var nextAttempt: Timestamp?
    public var actions: [Action]
    public var redelivery: Redelivery?
    /// Only where one message is shown: shell patterns that match the names its files got.
    public var files: [String]?

    enum CodingKeys: String, CodingKey {
        case account, folder, uid, state, reason, doubtful
        case deliveryKey = "delivery_key"
        case octets, date, noted, delivered, removed
        case movedTo = "moved_to"
        case destinations, attempts
        case nextAttempt = "next_attempt"
        case actions, redelivery, files
    }

    public init(account: String, folder: String, uid: UInt32?, state: String, noted: Timestamp) {
        self.account = account
        self.folder = folder
        self.uid = uid
        self.state = state
        self.noted = noted
        doubtful = false
        destinations = []
        actions = []
    }
}

/// A part of what was found, in the order in which messages came to be known.
public struct MailPage: Codable, Hashable, Sendable {
    public var messages: [FetchedMessage]
    /// Given back as `after` it brings the next part, also where this one is empty; absent on the last.
    public var next: String?

    public init(messages: [FetchedMessage], next: String? = nil) {
        self.messages = messages
        self.next = next
    }
}

/// Everything about one message.
public struct MailDetails: Codable, Hashable, Sendable {
    public var deliveryKey: String
    /// One, unless it was seen in several folders.
    public var copies: [FetchedMessage]

    enum CodingKeys: String, CodingKey {
        case deliveryKey = "delivery_key"
        case copies
    }

    public init(deliveryKey: String, copies: [FetchedMessage]) {
        self.deliveryKey = deliveryKey
        self.copies = copies
    }
}

/// What was ordered about a message, and what came of it where somebody waited.
public struct MailOrderReport: Codable, Hashable, Sendable {
    public struct Copy: Codable, Hashable, Sendable {
        public var account: String
        public var folder: String
        public var uid: UInt32
        /// `ordered done gone pending failed`.
        public var outcome: String
        /// Why it is pending.
        public var problem: ErrorReport?

        public init(account: String, folder: String, uid: UInt32, outcome: String, problem: ErrorReport? = nil) {
            self.account = account
            self.folder = folder
            self.uid = uid
            self.outcome = outcome
            self.problem = problem
        }
    }

    public var deliveryKey: String
    /// `redeliver seen move delete`.
    public var order: String
    public var copies: [Copy]

    enum CodingKeys: String, CodingKey {
        case deliveryKey = "delivery_key"
        case order, copies
    }

    public init(deliveryKey: String, order: String, copies: [Copy]) {
        self.deliveryKey = deliveryKey
        self.order = order
        self.copies = copies
    }
}
