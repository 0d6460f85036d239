import Diagnostics

/// The watched folders of an account, held against the ledger: every message on the server by what became of it, and
/// every difference by its reason.
public struct AuditReport: Codable, Hashable, Sendable {
    public struct Difference: Codable, Hashable, Sendable {
        public var uid: UInt32
        /// `missed other_message removed_listed open_not_listed`.
        public var reason: String
        /// The reason in words.
        public var words: String
        /// What became of it, in words.
        public var done: String

        public init(uid: UInt32, reason: String, words: String, done: String) {
            self.uid = uid
            self.reason = reason
            self.words = words
            self.done = done
        }
    }

    /// A message on the server that was not fetched, for a reason that is known.
    public struct NotFetched: Codable, Hashable, Sendable {
        public var uid: UInt32
        /// `too_large skipped deferred quarantined gone`.
        public var state: String
        public var reason: String?

        public init(uid: UInt32, state: String, reason: String? = nil) {
            self.uid = uid
            self.state = state
            self.reason = reason
        }
    }

    public struct Folder: Codable, Hashable, Sendable {
        public var name: String
        /// On the server, as far as it was asked. Each of them is counted in one of the numbers from `delivered` to
        /// `arriving`, or is missed.
        public var listed = 0
        public var delivered = 0
        public var duplicates = 0
        /// Being delivered.
        public var staged = 0
        public var tooLarge = 0
        public var skipped = 0
        public var deferred = 0
        public var quarantined = 0
        /// Dropped by an operator, or not there any more when it was fetched.
        public var givenUp = 0
        /// Fetched behind new mail.
        public var waiting = 0
        /// The next visit fetches them.
        public var arriving = 0
        /// On the server, not asked for.
        public var beforeSince = 0
        /// Known, and not on the server any more.
        public var notListed = 0
        /// Those that nobody could account for; of them, those of whom that is still so.
        public var unaccounted = 0
        public var remaining = 0
        /// The first of them, and how many there are beside.
        public var differences: [Difference] = []
        public var moreDifferences = 0
        /// The same of what was not fetched.
        public var notFetched: [NotFetched] = []
        public var moreNotFetched = 0
        /// Why the folder could not be audited.
        public var problem: ErrorReport?

        enum CodingKeys: String, CodingKey {
            case name, listed, delivered, duplicates, staged
            case tooLarge = "too_large"
            case skipped, deferred, quarantined
            case givenUp = "given_up"
            case waiting, arriving
            case beforeSince = "before_since"
            case notListed = "not_listed"
            case unaccounted, remaining, differences
            case moreDifferences = "more_differences"
            case notFetched = "not_fetched"
            case moreNotFetched = "more_not_fetched"
            case problem
        }

        public init(name: String) { self.name = name }
    }

    public var account: String
    public var started: Timestamp
    public var seconds: Double
    /// Messages that nobody could account for when it began; of them, those of whom that is still so.
    public var unaccounted: Int
    public var remaining: Int
    /// Why what was found could not be cured.
    public var problem: ErrorReport?
    public var folders: [Folder]

    public init(
        account: String, started: Timestamp, seconds: Double, unaccounted: Int, remaining: Int,
        problem: ErrorReport? = nil, folders: [Folder]
    ) {
        self.account = account
        self.started = started
        self.seconds = seconds
        self.unaccounted = unaccounted
        self.remaining = remaining
        self.problem = problem
        self.folders = folders
    }
}
