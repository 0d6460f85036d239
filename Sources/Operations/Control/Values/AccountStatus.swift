import Diagnostics
import MailModel

/// Everything `status` tells of one account.
public struct AccountStatus: Codable, Hashable, Sendable {
    /// Fetched mail, counted since the account is known.
    public struct Mail: Codable, Hashable, Sendable {
        public var delivered = 0
        public var tooLarge = 0
        public var quarantined = 0
        /// Delivered although it may have been delivered before.
        public var doubtful = 0
        /// Known messages that were found again after a move, and not delivered again.
        public var recognised = 0
        /// Revised versions of known messages, which were not delivered again.
        public var revised = 0
        /// Messages that another folder's delivery stands for.
        public var duplicates = 0

        enum CodingKeys: String, CodingKey {
            case delivered
            case tooLarge = "too_large"
            case quarantined, doubtful, recognised, revised, duplicates
        }

        public init(delivered: Int = 0, tooLarge: Int = 0, quarantined: Int = 0, doubtful: Int = 0) {
            self.delivered = delivered
            self.tooLarge = tooLarge
            self.quarantined = quarantined
            self.doubtful = doubtful
        }
    }

    /// How far the old mail of a folder is fetched, behind new mail.
    public struct Backfill: Codable, Hashable, Sendable {
        public var folder: String
        /// Messages, since the daemon began with it; octets of what was delivered of them.
        public var done: Int
        public var octets: Int64
        /// Messages that wait.
        public var waiting: Int
        public var messagesPerSecond: Double?
        /// When it will be done if the rate stays.
        public var ends: Timestamp?
        /// Until when it is paused, if that is known.
        public var isPaused: Bool
        public var pausedUntil: Timestamp?

        enum CodingKeys: String, CodingKey {
            case folder, done, octets, waiting
            case messagesPerSecond = "messages_per_second"
            case ends
            case isPaused = "paused"
            case pausedUntil = "paused_until"
        }

        public init(
            folder: String, done: Int, octets: Int64, waiting: Int, messagesPerSecond: Double? = nil,
            ends: Timestamp? = nil, isPaused: Bool = false, pausedUntil: Timestamp? = nil
        ) {
            self.folder = folder
            self.done = done
            self.octets = octets
            self.waiting = waiting
            self.messagesPerSecond = messagesPerSecond
            self.ends = ends
            self.isPaused = isPaused
            self.pausedUntil = pausedUntil
        }
    }

    /// Open messages of the outbound queue by state, and those that failed and are still kept.
    public struct Queue: Codable, Hashable, Sendable {
        public var queued = 0
        public var deferred = 0
        public var sending = 0
        public var inDoubt = 0
        public var held = 0
        public var failed = 0

        enum CodingKeys: String, CodingKey {
            case queued, deferred, sending
            case inDoubt = "in_doubt"
            case held, failed
        }

        public init(
            queued: Int = 0, deferred: Int = 0, sending: Int = 0, inDoubt: Int = 0, held: Int = 0, failed: Int = 0
        ) {
            self.queued = queued
            self.deferred = deferred
            self.sending = sending
            self.inDoubt = inDoubt
            self.held = held
            self.failed = failed
        }

        /// What still waits to be sent.
        public var open: Int { queued + deferred + sending + inDoubt + held }
    }

    /// Something with an end that somebody must renew before.
    public struct Expiry: Codable, Hashable, Sendable {
        /// In words: `client secret of contoso`.
        public var what: String
        public var at: Timestamp

        public init(what: String, at: Timestamp) {
            self.what = what
            self.at = at
        }
    }

    /// A client secret or certificate that proves the app of a provider the account uses; never what it is.
    public struct ClientProof: Codable, Hashable, Sendable {
        public enum State: String, Codable, Sendable, CaseIterable {
            /// The provider accepted it last.
            case inUse = "in_use"
            /// The provider refuses it, or it cannot be used.
            case refused
            /// Not tried yet: it is when the other one is refused.
            case spare
        }

        public var provider: String
        /// Its key in the configuration: `client_secrets[0]`.
        public var name: String
        /// Where it is read.
        public var place: String
        public var state: State
        /// When it ends, where that is known.
        public var expires: Timestamp?
        /// Why it is dead.
        public var problem: ErrorReport?

        public init(
            provider: String, name: String, place: String, state: State, expires: Timestamp? = nil,
            problem: ErrorReport? = nil
        ) {
            self.provider = provider
            self.name = name
            self.place = place
            self.state = state
            self.expires = expires
            self.problem = problem
        }
    }

    public var name: String
    public var address: String
    /// `nil`: send only.
    public var receive: DirectionStatus?
    /// `nil`: receive only.
    public var send: DirectionStatus?
    public var lastFetch: Timestamp?
    /// Seconds the last fetch took.
    public var lastFetchSeconds: Double?
    public var nextFetch: Timestamp?
    public var mail: Mail
    /// Empty: no old mail waits.
    public var backfill: [Backfill] = []
    /// When the folders were last held against the ledger; `nil`: never.
    public var lastAudit: Timestamp?
    /// Messages that an audit found unaccounted for, and that are so still.
    public var messagesUnaccounted = 0
    public var queue: Queue
    /// Of a shared mailbox: the name under which the submission server takes whoever signed in, as it was found by trying.
    public var sendingLogin: String?
    /// When the present access token ends; it is renewed before.
    public var tokenValidUntil: Timestamp?
    /// What ends next that Postbote cannot renew by itself.
    public var expires: Expiry?
    /// In the order of the configuration; empty where no secret and no certificate is used.
    public var clientProofs: [ClientProof] = []
    /// The last failures, newest first.
    public var errors: [ErrorReport]

    enum CodingKeys: String, CodingKey {
        case name, address, receive, send
        case lastFetch = "last_fetch"
        case lastFetchSeconds = "last_fetch_seconds"
        case nextFetch = "next_fetch"
        case mail, backfill
        case lastAudit = "last_audit"
        case messagesUnaccounted = "messages_unaccounted"
        case queue
        case sendingLogin = "sending_login"
        case tokenValidUntil = "token_valid_until"
        case expires
        case clientProofs = "client_proofs"
        case errors
    }

    public init(
        name: String, address: String, receive: DirectionStatus? = nil, send: DirectionStatus? = nil,
        lastFetch: Timestamp? = nil, lastFetchSeconds: Double? = nil, nextFetch: Timestamp? = nil,
        mail: Mail = Mail(), queue: Queue = Queue(), tokenValidUntil: Timestamp? = nil, expires: Expiry? = nil,
        errors: [ErrorReport] = []
    ) {
        self.name = name
        self.address = address
        self.receive = receive
        self.send = send
        self.lastFetch = lastFetch
        self.lastFetchSeconds = lastFetchSeconds
        self.nextFetch = nextFetch
        self.mail = mail
        self.queue = queue
        self.tokenValidUntil = tokenValidUntil
        self.expires = expires
        self.errors = errors
    }

    /// Somebody has to look: what `status --problems` asks for. A folder that is in trouble counts, and a direction that
    /// has been waiting for longer than such troubles last.
    public func hasProblem(at now: Timestamp) -> Bool {
        mail.quarantined > 0 || messagesUnaccounted > 0 || queue.inDoubt > 0
            || errors.contains { $0.place["folder"] != nil }
            || [receive, send].compactMap(\.self).contains { $0.isProblem(at: now) }
    }
}
