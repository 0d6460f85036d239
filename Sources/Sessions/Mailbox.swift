import Diagnostics
import MailModel

/// A mailbox on a server, signed in: all that fetching asks of it, whatever the protocol.
///
/// What changes something there is in `MailboxChanges`; everything here only reads.
public protocol Mailbox: MailboxChanges {
    /// Whether the session is worth keeping between two visits. POP3 sees only what was there when it was opened.
    var keepsSession: Bool { get }

    /// Whether a look can leave out what is older than `since`. Where it cannot, whoever fetches must.
    var findsByDate: Bool { get }

    /// Something ended in the middle of a dialog: the mailbox can only be closed.
    var isOutOfStep: Bool { get async }

    /// All folders the account sees.
    func folders() async throws -> [RemoteFolder]

    /// Opens `folder`; what follows is about it. Opened for reading, nothing that follows changes anything in it.
    ///
    /// - Throws: opened for changing, also when the server lets it only be read.
    func select(_ folder: RemoteFolder, for purpose: FolderPurpose) async throws -> FolderFacts

    /// What tells each of `folders` from others, in their order, without opening them: the open folder stays open.
    ///
    /// - Parameter folders: without the open one.
    func identities(of folders: [RemoteFolder]) async throws -> [FolderAnswer]

    /// The UIDVALIDITY of `folder` while it is open for reading; `nil`: it must be opened before anything is asked about it.
    /// In an open folder the UIDs mean what they meant when it was opened (RFC 3501 §2.3.1.1).
    func openValidity(of folder: RemoteFolder) async -> UIDValidity?

    /// The UIDs that are there now, and what is asked of some of them, in one round trip.
    func look(_ question: Look.Question) async throws -> Look

    /// What messages are, however many: `take` gets up to a few hundred of them at a time while the next are being read.
    /// Returning late slows the server down. Of messages that are not there nothing is said, and no message comes twice.
    func describe(
        _ uids: UIDSet, _ extent: DescriptionExtent,
        each take: @escaping @Sendable ([MessageSummary]) async throws -> Void
    ) async throws

    /// Streams those of the messages `uids` that the server gives into `sink`. What neither ended nor is gone afterwards
    /// was not retrieved, which does not mean that it is not there.
    func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws

    /// Says good-bye where that makes sense, and closes the connection.
    ///
    /// - Returns: where `deletesAtClose`, why messages that were to be deleted may still be there; `nil`: they are gone, or
    ///   none were to be deleted.
    @discardableResult
    func close() async -> Failure?
}

extension Mailbox {
    public var findsByDate: Bool { true }

    public func openValidity(of folder: RemoteFolder) async -> UIDValidity? { nil }

    /// Opens `folder` for reading.
    public func select(_ folder: RemoteFolder) async throws -> FolderFacts { try await select(folder, for: .reading) }

    /// What a few hundred messages are.
    public func describe(_ uids: UIDSet, _ extent: DescriptionExtent) async throws -> [MessageSummary] {
        let list = SummaryList()
        try await describe(uids, extent) { list.append($0) }
        return list.summaries
    }
}

/// What a folder is opened for.
public enum FolderPurpose: Hashable, Sendable {
    /// With IMAP by EXAMINE.
    case reading
    /// With IMAP by SELECT.
    case changing
}

/// How much is asked of messages.
public enum DescriptionExtent: Hashable, Sendable {
    /// Size and identity.
    case identity
    /// The size alone, which costs a server next to nothing.
    case size
    /// Size and INTERNALDATE, which cost no more. POP3 has no such date.
    case date
}

/// A folder as the server names it.
public struct RemoteFolder: Hashable, Sendable {
    /// Exactly the server's spelling, for going back to it (`IMAPMailboxName.spelling`).
    public var serverName: String
    public var path: FolderPath
    public var role: FolderRole?
    public var isSubscribed: Bool
    /// What stands between the levels of `serverName`; `nil`: it has none.
    public var delimiter: String?

    public init(
        serverName: String, path: FolderPath, role: FolderRole?, isSubscribed: Bool = false, delimiter: String? = nil
    ) {
        self.serverName = serverName
        self.path = path
        self.role = role
        self.isSubscribed = isSubscribed
        self.delimiter = delimiter
    }
}

/// What a server says of a folder when it is opened.
public struct FolderFacts: Hashable, Sendable {
    public var uidValidity: UIDValidity
    /// No message had this UID or a higher one at the time; `nil`: the server does not say.
    public var uidNext: UID?
    public var exists: Int
    /// MAILBOXID (RFC 8474 §4).
    public var mailboxID: String?

    public init(uidValidity: UIDValidity, uidNext: UID?, exists: Int, mailboxID: String? = nil) {
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.exists = exists
        self.mailboxID = mailboxID
    }
}

/// What a server says of a folder that is not open.
public enum FolderAnswer: Sendable, Hashable {
    case told(FolderIdentity)
    /// Nothing that tells it from others.
    case untold
    case refused(Failure)
}

/// What a folder keeps when it gets another name.
public struct FolderIdentity: Hashable, Sendable {
    public var uidValidity: UIDValidity
    /// MAILBOXID (RFC 8474 §4).
    public var mailboxID: String?

    public init(uidValidity: UIDValidity, mailboxID: String? = nil) {
        self.uidValidity = uidValidity
        self.mailboxID = mailboxID
    }
}

/// One look into the open folder.
public struct Look: Sendable {
    public struct Question: Hashable, Sendable {
        public enum Range: Hashable, Sendable {
            case all
            /// This UID and all above.
            case from(UID)
        }
        public var range: Range
        /// Only messages that may be younger than this; a day too many is normal, because the search is by date in the
        /// server's zone (RFC 3501 §6.4.4).
        public var since: Timestamp?
        /// Known messages whose identity is checked in the same round trip.
        public var anchors: UIDSet

        public init(_ range: Range, since: Timestamp? = nil, anchors: UIDSet = UIDSet()) {
            self.range = range
            self.since = since
            self.anchors = anchors
        }
    }

    public var present: UIDSet
    /// Those of the anchors that exist.
    public var anchors: [MessageSummary]

    public init(present: UIDSet, anchors: [MessageSummary] = []) {
        self.present = present
        self.anchors = anchors
    }
}
