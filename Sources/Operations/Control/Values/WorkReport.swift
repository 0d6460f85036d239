import Diagnostics
import MailModel

extension SupportReport {
    /// How the daemon and its accounts fare. Of thousands of accounts those with problems are told in full, then others as long as
    /// there is room; the rest is counted.
    public struct WorkReport: Codable, Hashable, Sendable {
        public var daemon: DaemonStatus
        public var database: DatabaseReport
        /// How many accounts are in which state.
        public var states: [StateCount]
        public var queue: AccountStatus.Queue
        /// When the open message that has waited longest was accepted.
        public var oldestQueued: Timestamp?
        /// What ends first, first.
        public var ends: [AccountStatus.Expiry]
        public var moreEnds: Int
        public var credentials: [CredentialReport]
        public var moreCredentials: Int
        public var accounts: [AccountReport]
        public var moreAccounts: Int

        enum CodingKeys: String, CodingKey {
            case daemon, database, states, queue
            case oldestQueued = "oldest_queued"
            case ends
            case moreEnds = "more_ends"
            case credentials
            case moreCredentials = "more_credentials"
            case accounts
            case moreAccounts = "more_accounts"
        }

        public init(daemon: DaemonStatus, database: DatabaseReport) {
            self.daemon = daemon
            self.database = database
            states = []
            queue = AccountStatus.Queue()
            ends = []
            moreEnds = 0
            credentials = []
            moreCredentials = 0
            accounts = []
            moreAccounts = 0
        }
    }

    public struct DatabaseReport: Codable, Hashable, Sendable {
        /// The version of its tables; `nil`: it could not be read.
        public var schema: Int?
        /// Of the file and of the write-ahead log beside it.
        public var octets: Int64
        public var logOctets: Int64
        /// `ok`, or what is wrong with it.
        public var integrity: String

        enum CodingKeys: String, CodingKey {
            case schema, octets
            case logOctets = "log_octets"
            case integrity
        }

        public init(schema: Int?, octets: Int64, logOctets: Int64, integrity: String) {
            self.schema = schema
            self.octets = octets
            self.logOctets = logOctets
            self.integrity = integrity
        }
    }

    public struct StateCount: Codable, Hashable, Sendable {
        /// `receive` or `send`.
        public var direction: String
        public var state: DirectionState
        public var accounts: Int

        public init(_ direction: Direction, _ state: DirectionState, accounts: Int) {
            self.direction = direction.rawValue
            self.state = state
            self.accounts = accounts
        }
    }

    /// A consent or another trust of a provider; never a token.
    public struct CredentialReport: Codable, Hashable, Sendable {
        public var provider: String
        /// Who signs in; empty: the app itself.
        public var subject: String
        public var grant: String
        public var state: String
        public var since: Timestamp
        /// When the refresh token was obtained, when it ends by itself and when it was last used; absent without one or where it is not known.
        public var obtained: Timestamp?
        public var expires: Timestamp?
        public var lastUsed: Timestamp?
        /// When getting a token last failed.
        public var lastError: Timestamp?

        enum CodingKeys: String, CodingKey {
            case provider, subject, grant, state, since, obtained, expires
            case lastUsed = "last_used"
            case lastError = "last_error"
        }

        public init(provider: String, subject: String, grant: String, state: String, since: Timestamp) {
            self.provider = provider
            self.subject = subject
            self.grant = grant
            self.state = state
            self.since = since
        }
    }

    public struct AccountReport: Codable, Hashable, Sendable {
        public var status: AccountStatus
        /// Its settings in force, with what it inherits.
        public var settings: [String]
        public var folders: [Folder]
        public var moreFolders: Int

        /// What is remembered of a folder.
        public struct Folder: Codable, Hashable, Sendable {
            public var name: String
            public var role: String?
            /// On the server at the last complete look.
            public var messages: Int?
            public var delivered: Int
            public var uidValidity: UInt32?
            public var cursor: UInt32?
            /// Old mail waits; messages are being looked for after a move.
            public var isBackfilling: Bool
            public var isRecovering: Bool

            enum CodingKeys: String, CodingKey {
                case name, role, messages, delivered
                case uidValidity = "uid_validity"
                case cursor
                case isBackfilling = "backfilling"
                case isRecovering = "recovering"
            }

            public init(
                name: String, role: String? = nil, messages: Int? = nil, delivered: Int, uidValidity: UInt32? = nil,
                cursor: UInt32? = nil, isBackfilling: Bool = false, isRecovering: Bool = false
            ) {
                self.name = name
                self.role = role
                self.messages = messages
                self.delivered = delivered
                self.uidValidity = uidValidity
                self.cursor = cursor
                self.isBackfilling = isBackfilling
                self.isRecovering = isRecovering
            }
        }

        enum CodingKeys: String, CodingKey {
            case status, settings, folders
            case moreFolders = "more_folders"
        }

        public init(status: AccountStatus, settings: [String], folders: [Folder], moreFolders: Int = 0) {
            self.status = status
            self.settings = settings
            self.folders = folders
            self.moreFolders = moreFolders
        }
    }
}
