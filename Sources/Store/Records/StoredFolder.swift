import Diagnostics
import MailModel

/// What is remembered of a folder.
public struct StoredFolder: Hashable, Sendable {
    public let id: FolderID
    public let account: AccountID
    /// Exactly the server's spelling.
    public let serverName: String
    public let role: FolderRole?
    public let delimiter: String?
    /// MAILBOXID (RFC 8474 §4).
    public let mailboxID: String?
    public let epoch: Epoch
    /// The host that gave the UIDs; `nil` before the first visit, and where it was not remembered.
    public let server: String?
    /// `nil` before the first visit.
    public let uidValidity: UIDValidity?
    /// Every UID up to here is accounted for, or waits to be fetched while `isBackfilling`; `nil`: none.
    public let cursor: UID?
    /// As the server said at the last complete look; `nil`: there was none.
    public let uidNextSeen: UID?
    public let existsSeen: Int?
    /// Messages of earlier epochs are being looked for among the present ones.
    public let isRecovering: Bool
    /// Messages delivered from this folder, ever; of them, those that may have been delivered before.
    public let delivered: Int
    public let doubtful: Int
    /// Messages known again under another UID, ever.
    public let recognised: Int
    /// Of a known message a revised version came under a new UID, ever; it was not delivered again.
    public let revised: Int
    /// Messages that were delivered from another folder already, ever.
    public let duplicates: Int
    /// Messages below the cursor wait to be fetched.
    public let isBackfilling: Bool
    /// `since` as of the last look; `nil`: nothing was left out.
    public let sinceSeen: Timestamp?

    /// How far the folder was read.
    public var mark: FolderMark {
        FolderMark(
            cursor: cursor, uidNextSeen: uidNextSeen, existsSeen: existsSeen, isBackfilling: isBackfilling,
            sinceSeen: sinceSeen)
    }
}
